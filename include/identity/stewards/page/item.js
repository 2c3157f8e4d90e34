// One item of the queue: records side by side, the waterfall, what a note proposes, the decision on it.

import { make, moment, number, percent, words, worth } from "./dom.js";

const FIELDS = ["first_name", "middle_name", "last_name", "full_name", "date_of_birth", "birth_year", "gender", "email",
  "phone", "address_line", "city", "postcode", "country", "occupation", "claimed_customer_id"];
const TITLES = { claimed_customer_id: "customer id", full_name: "name as delivered", address_line: "address" };
const KINDS = { pair: "Two records", cluster: "One customer in doubt", note: "Note" };

const STEPS = { prior: "any two records", "shared id": "shared identifier" };

export function verdict(item) {
  return { same: "same person", different: "different people", correct: "corrected", dismiss: "dismissed" }[item.decision] ?? item.decision;
}

export function headline(item) {
  const names = [...new Set([item.name_l, item.name_r].filter(Boolean))];
  if (names.length || item.kind !== "note") return names.join("  ·  ") || "No names";
  return item.reason.includes("nobody") ? "Nobody found" : item.reason.includes("ambiguous") ? "Several people" : "A note";
}

export function showItem(item, state, actions) {
  const parts = [
    make("p", { class: "kind" }, make("span", { class: `tag ${item.kind}`, text: KINDS[item.kind] }),
      make("span", { class: "worth", text: worthOf(item) }),
      item.probability === null ? null : make("span", { class: "chance", title: "What the model says of these two records by themselves; the other records of their customers are not counted in it.",
        text: `these two records by themselves: one person, ${percent(item.probability)} likely` }),
      make("span", { text: `in the queue since ${item.batch_date}` })),
    make("h2", { text: headline(item) }),
    make("p", { class: "reason", text: capital(item.reason) + "." }),
    decisionOf(item, state, actions),
    item.kind === "note" ? note(item, state, actions) : null,
    actionBar(item, state, actions),
    item.kind === "note" ? candidates(item, state, actions) : comparison(item, state, actions),
    item.kind === "note" ? null : others(item),
    waterfall(item),
  ];
  return parts.filter(Boolean);
}

// What the place in the queue comes from: see the hint above the list.
function worthOf(item) {
  const uncertainty = item.evidence.uncertainty;
  const moved = uncertainty ? Math.round(item.value / uncertainty) : 0;
  return moved ? `worth ${worth(item.value)} = unsure ${worth(uncertainty)} × ${number(moved)} records and facts that may move` : `worth ${worth(item.value)}`;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function decisionOf(item, state, actions) {
  if (!item.decision_id) return null;
  return make("div", { class: "decided" },
    make("span", {}, make("strong", { text: capital(verdict(item)) }),
      ` by ${item.decided_by}, ${moment(item.decided_at)}: ${item.why ? `“${item.why}”` : "no reason given"}. It takes effect in the next build.`),
    state.may_decide ? make("button", { type: "button", text: "Undo", on: { click: () => actions.undo(item.decision_id) } }) : null);
}

function actionBar(item, state, actions) {
  if (!state.may_decide) return make("p", { class: "hint", text: "You may look. Deciding takes an operator’s login." });
  const isNote = item.kind === "note";
  const isOpen = isNote && !item.record_id_l && !(item.evidence.candidates ?? []).length;
  return make("div", { class: "actions" },
    make("button", { type: "button", class: "accept", disabled: isOpen, on: { click: () => actions.decide(true) } }, make("kbd", { text: "A" }), isNote ? "Apply" : "Same person"),
    make("button", { type: "button", class: "reject", on: { click: () => actions.decide(false) } }, make("kbd", { text: "R" }), isNote ? "Dismiss" : "Different people"),
    make("button", { type: "button", on: { click: actions.skip } }, make("kbd", { text: "S" }), "Skip"),
    make("input", { id: "why", placeholder: "Why (optional)", maxlength: 1000, "aria-label": "Why" }));
}

function difference(left, right) {
  if (!left && !right) return "none";
  if (!left || !right) return "missing";
  return String(left).toLowerCase() === String(right).toLowerCase() ? "equal" : "differs";
}

// The characters that both begin and end with stay plain; what lies between is marked.
function marked(value, other, kind) {
  const text = value === null || value === undefined ? "" : String(value);
  if (kind !== "differs" || !other) return [text || "–"];
  const against = String(other);
  let start = 0;
  while (start < text.length && start < against.length && text[start].toLowerCase() === against[start].toLowerCase()) start++;
  let end = 0;
  while (end < text.length - start && end < against.length - start
    && text[text.length - 1 - end].toLowerCase() === against[against.length - 1 - end].toLowerCase()) end++;
  const middle = text.slice(start, text.length - end);
  return [text.slice(0, start), middle ? make("mark", { text: middle }) : "", text.slice(text.length - end)];
}

function cell(record, other, field, kind, item, state, actions) {
  const isCorrected = record.corrections && record.corrections[field] !== undefined;
  const canCorrect = state.may_decide && item.fields.includes(field);
  return make("td", { class: kind }, make("span", { class: "value" }, ...marked(record[field], other && other[field], kind)),
    isCorrected ? make("span", { class: "corrected", title: "A steward has corrected this value", text: `→ ${record.corrections[field]}` }) : null,
    canCorrect ? make("button", { type: "button", class: "edit", title: `Correct ${words(field)}`, "aria-label": `Correct ${words(field)} of ${record.record_id}`, text: "✎",
      on: { click: () => actions.correct(record, field) } }) : null);
}

function heading(record) {
  return make("th", { scope: "col" }, make("span", { class: "system", text: record.system }),
    make("span", { class: "id", text: record.record_id }),
    make("span", { class: "id", text: record.customer_key ? `customer ${record.customer_key}` : "no customer yet" }));
}

function comparison(item, state, actions) {
  const left = item.records[item.record_id_l];
  const right = item.records[item.record_id_r];
  if (!left || !right) return make("p", { class: "hint", text: "A record of this item is no longer delivered. The next build takes it off the queue." });
  const isSplit = [left, right].every((record) => record.first_name || record.last_name);
  const isBorn = left.date_of_birth && right.date_of_birth;
  const rows = FIELDS.map((field) => {
    if ((field === "full_name" && isSplit) || (field === "birth_year" && isBorn)) return null;
    const kind = difference(left[field], right[field]);
    if (kind === "none") return null;
    return make("tr", {}, make("th", { scope: "row" }, make("span", { class: `dot ${kind}`, title: kind }), TITLES[field] ?? words(field)),
      cell(left, right, field, kind, item, state, actions), cell(right, left, field, kind, item, state, actions));
  }).filter(Boolean);
  return make("div", { class: "scroll" }, make("table", { class: "sides" },
    make("thead", {}, make("tr", {}, make("td"), heading(left), heading(right))), make("tbody", {}, ...rows)));
}

function others(item) {
  const sides = ["left", "right"].map((side) => {
    const about = item.evidence[side] ?? { records: 0, record_ids: [] };
    const shown = about.record_ids.filter((id) => id !== item.record_id_l && id !== item.record_id_r).map((id) => item.records[id]).filter(Boolean);
    if (!shown.length) return null;
    const rest = about.records - shown.length - 1;
    return make("div", {}, make("h3", { text: `Goes with the ${side} record` }),
      make("ul", {}, ...shown.map((record) => make("li", {}, make("span", { class: "system", text: record.system }),
        [record.first_name, record.last_name].filter(Boolean).join(" ") || record.full_name || "–",
        make("span", { class: "id", text: [record.date_of_birth ?? record.birth_year, record.email, record.phone, record.postcode].filter(Boolean).join(" · ") })))),
      rest > 0 ? make("p", { class: "hint", text: `and ${number(rest)} more` }) : null);
  }).filter(Boolean);
  return sides.length ? make("div", { class: "others" }, ...sides) : null;
}

function waterfall(item) {
  const bars = item.evidence.comparisons ?? [];
  if (!bars.length) return null;
  let sum = 0;
  const steps = bars.map((bar) => ({ ...bar, from: sum, to: (sum += bar.weight) }));
  const low = Math.min(0, ...steps.map((step) => step.to));
  const high = Math.max(0, ...steps.map((step) => step.to));
  const at = (weight) => (100 * (weight - low)) / (high - low || 1);
  const title = (step) => STEPS[step.name] ?? words(step.name);
  const row = (step, isTotal) => make("tr", { class: isTotal ? "total" : "" },
    make("th", { scope: "row", text: isTotal ? "together" : title(step) }),
    make("td", { class: "level", text: isTotal ? `${percent(1 / (1 + 2 ** -sum))} one person` : step.level }),
    make("td", { class: "bars" }, make("span", { class: "zero", style: { left: `${at(0)}%` } }),
      make("span", { class: step.weight < 0 ? "bar against" : "bar for",
        style: { left: `${at(Math.min(step.from, step.to))}%`, width: `${Math.max(0.4, Math.abs(at(step.to) - at(step.from)))}%` } })),
    make("td", { class: "weight", text: `${step.weight > 0 ? "+" : ""}${step.weight.toFixed(1)}` }));
  return make("section", { class: "waterfall" }, make("h3", { text: "Why: what each detail of these two records says" }),
    make("p", { class: "hint", text: "+1 doubles the odds that both are one person, −1 halves them. The first bar is where any two records start, before their details are looked at." }),
    make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...steps.map((step) => row(step, false)),
      row({ from: 0, to: sum, weight: sum }, true)))));
}

function note(item, state, actions) {
  const evidence = item.evidence;
  return make("figure", { class: "told" }, make("blockquote", { text: evidence.text }),
    make("figcaption", {}, item.field ? make("span", {}, "Proposal: ", make("strong", { text: words(item.field) }), " becomes ", make("strong", { text: item.new_value ?? "?" })) : "No proposal could be read from it.",
      state.may_decide && item.record_id_l ? make("button", { type: "button", text: "Change the proposal", on: { click: () => actions.correct(item.records[item.record_id_l], item.field ?? "email", item.new_value, item.item_id) } }) : null));
}

function candidates(item, state, actions) {
  const shown = (item.evidence.candidates ?? []).map((id) => item.records[id]).filter(Boolean);
  if (!shown.length) return null;
  return make("div", { class: "candidates" }, make("h3", { text: shown.length > 1 ? "Who is meant?" : "The record that is meant" }),
    ...shown.map((record, place) => make("label", { class: "candidate" },
      make("input", { type: "radio", name: "candidate", value: record.record_id, checked: record.record_id === item.record_id_l || (shown.length === 1 && place === 0), disabled: !state.may_decide }),
      make("span", {}, make("span", { class: "system", text: record.system }), make("strong", { text: [record.first_name, record.last_name].filter(Boolean).join(" ") || record.full_name || "–" }),
        ` customer ${record.customer_key ?? "–"}`,
        make("span", { class: "id", text: [record.date_of_birth ?? record.birth_year, record.email, record.phone, record.postcode, record.city].filter(Boolean).join(" · ") }),
        item.field && record[item.field] !== undefined ? make("span", { class: "id", text: `${words(item.field)} now: ${record[item.field] ?? "–"}` }) : null))));
}

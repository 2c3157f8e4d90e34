// The stewards' page: the list, the keyboard, decisions, corrections, undo.

import { ask, byId, make, moment, number, say, words, worth } from "./dom.js";
import { headline, showItem, verdict } from "./item.js";

const KINDS = { all: "All", pair: "Pairs", cluster: "Clusters", note: "Notes", decided: "Decided" };
let state = {};
let queue = [];
let shown = [];
let current = null;
let item = null;
let kind = "all";
let isBusy = false;
const undoable = [];

async function loadState() {
  state = await ask("state");
  const found = Object.values(state.counts);
  const sum = (name) => found.reduce((total, count) => total + count[name], 0);
  const built = state.built_day ? `Last build: ${state.built_day}.` : "Nothing is built yet.";
  const waiting = state.waiting === 0 ? "No decision waits." : `${number(state.waiting)} ${state.waiting === 1 ? "entry waits" : "entries wait"} for the next build.`;
  byId("state").textContent = `${built} ${state.is_building ? "A build runs: what you decide now counts in the next." : waiting}`;
  byId("rest").textContent = sum("found") > sum("queued")
    ? `${number(sum("found"))} doubts were found; the ${number(sum("queued"))} most valuable are listed.` : "";
  byId("build").hidden = !state.may_decide || !state.built_day || state.waiting === 0;
  byId("import").hidden = !state.may_decide;
}

async function loadQueue() {
  queue = await ask("queue");
  showList();
}

function showList() {
  const wanted = byId("search").value.trim().toLowerCase();
  const text = (entry) => [entry.name_l, entry.name_r, entry.record_id_l, entry.record_id_r, entry.reason, entry.new_value].join(" ").toLowerCase();
  const belongs = (entry, of) => (of === "decided" ? entry.decision_id : !entry.decision_id && (of === "all" || entry.kind === of));
  byId("kinds").replaceChildren(...Object.entries(KINDS).map(([name, title]) => make("button", {
    type: "button", "aria-pressed": String(name === kind), on: { click: () => { kind = name; showList(); openFirst(); } },
  }, title, make("span", { class: "count", text: number(queue.filter((entry) => belongs(entry, name)).length) }))));
  shown = queue.filter((entry) => belongs(entry, kind) && (!wanted || text(entry).includes(wanted)));
  byId("items").replaceChildren(...shown.map((entry) => make("li", {}, make("button", {
    type: "button", "data-id": entry.item_id, "aria-current": entry.item_id === current ? "true" : null, on: { click: () => open(entry.item_id) },
  }, make("span", { class: "line" }, make("strong", { text: headline(entry) }), make("span", { class: "value", title: "What a decision is worth", text: worth(entry.value) })),
  make("span", { class: "line" }, make("span", { class: "why", text: entry.decision_id ? `${verdict(entry)}, ${entry.decided_by}` : entry.reason }),
    make("span", { class: `tag ${entry.kind}`, text: entry.kind }))))));
  if (!shown.length) byId("items").replaceChildren(make("li", { class: "empty", text: queue.length ? "Nothing here." : "The queue is empty. It is filled by a build." }));
}

function mark() {
  for (const button of byId("items").querySelectorAll("button")) {
    if (button.dataset.id === current) {
      button.setAttribute("aria-current", "true");
      button.scrollIntoView({ block: "nearest" });
    } else button.removeAttribute("aria-current");
  }
}

async function open(id) {
  current = id;
  mark();
  if (!id) {
    item = null;
    byId("item").replaceChildren(make("p", { class: "empty", text: queue.length ? "All done here." : "Nothing is asked yet." }));
    return;
  }
  try {
    const found = await ask(`items/${encodeURIComponent(id)}`);
    if (current !== id) return;
    item = found;
    byId("item").replaceChildren(...showItem(item, state, { decide, skip, undo, correct }));
    byId("item").scrollTop = 0;
    byId("item").dataset.item = id;
  } catch (error) { complain(error); }
}

const openFirst = () => open(shown.length ? shown[0].item_id : null);

function neighbour(step) {
  const place = shown.findIndex((entry) => entry.item_id === current);
  return shown[Math.min(Math.max(place + step, 0), shown.length - 1)]?.item_id ?? null;
}

async function refresh(next) {
  await Promise.all([loadState(), loadQueue()]);
  const target = shown.some((entry) => entry.item_id === next) ? next : shown[0]?.item_id ?? null;
  await open(target);
}

async function complain(error) {
  say(error.message, true);
  if (error.status === 409 || error.status === 422 || error.status === 404) await Promise.all([loadState(), loadQueue()]).catch(() => {});
}

// One change at a time. A second decision while the first is written is dropped: it would meet an item not seen yet.
let running = Promise.resolve();
function once(work, waits = false) {
  if (isBusy && !waits) return running;
  isBusy = true;
  running = running.then(work).catch(async (error) => {
    await complain(error);
    if (error.status === 409 && current) await open(current);
  }).finally(() => { isBusy = false; });
  return running;
}

const decide = (isAccepted) => once(async () => {
  if (!item || !state.may_decide) return;
  const decided = item;
  const chosen = document.querySelector("input[name=candidate]:checked");
  if (item.kind === "note" && isAccepted && !(chosen && item.field && item.new_value)) {
    say(chosen ? "The note proposes no value: change the proposal, or dismiss it." : "Choose who is meant first.", true);
    return;
  }
  const place = shown.findIndex((entry) => entry.item_id === decided.item_id);
  const next = (shown[place + 1] ?? shown[place - 1])?.item_id ?? null;
  const answer = await ask(`items/${encodeURIComponent(decided.item_id)}/decision`, {
    is_accepted: isAccepted, why: byId("why")?.value ?? "", seen_decision_id: decided.decision_id,
    record_id: chosen?.value ?? null, field: decided.field, new_value: decided.new_value,
  });
  undoable.push({ id: answer.decision_id, item: decided.item_id });
  const said = decided.kind === "note" ? (isAccepted ? "Will be corrected" : "Dismissed") : isAccepted ? "Same person" : "Different people";
  say(`${said}: ${headline(decided)}. In the next build. U undoes it.`);
  await refresh(next);
});

function skip() {
  const next = neighbour(1);
  if (next === current) say("That was the last one.");
  open(next);
}

const undo = (id) => once(async () => {
  const last = id ? { id, item: current } : undoable.pop();
  if (!last) { say("Nothing of yours to undo on this page. See Decisions for the rest."); return; }
  await ask(`decisions/${last.id}/undo`, {});
  say("Undone. Both rows are kept.");
  if (kind === "decided") kind = "all";
  await refresh(last.item);
  if (byId("decisions").open) await showDecisions();
}, true);

function correct(record, field, proposal, noteItem) {
  const dialog = byId("correction");
  const fields = make("select", { name: "field", "aria-label": "Field" }, ...item.fields.map((name) => make("option", { value: name, text: words(name), selected: name === field })));
  const value = make("input", { name: "value", required: true, maxlength: 200, value: proposal ?? record[field] ?? "", "aria-label": "New value", autocomplete: "off" });
  const why = make("input", { name: "why", maxlength: 1000, placeholder: "Why", "aria-label": "Why", autocomplete: "off" });
  const wrong = make("p", { class: "wrong", role: "alert" });
  const seen = item.records[record.record_id]?.corrections?.[field] !== undefined;
  const save = async (event) => {
    event.preventDefault();
    try {
      const path = noteItem ? `items/${encodeURIComponent(noteItem)}/decision` : "corrections";
      const answer = await ask(path, { record_id: record.record_id, field: fields.value, new_value: value.value, why: why.value, is_accepted: true });
      undoable.push({ id: answer.decision_id, item: current });
      dialog.close();
      say(`${words(fields.value)} will be corrected in the next build.`);
      await refresh(current);
    } catch (error) { wrong.textContent = error.message; }
  };
  dialog.replaceChildren(make("form", { on: { submit: save } }, make("h2", { text: "Correct a value" }),
    make("p", { class: "hint", text: `${record.record_id}. The source’s own data stays as delivered; the correction is laid over it in the next build.` }),
    seen ? make("p", { class: "hint", text: "There is a correction already: undo it under Decisions first." }) : null,
    make("label", {}, "Field", fields), make("label", {}, "New value", value), make("label", {}, "Why", why), wrong,
    make("div", { class: "actions" }, make("button", { class: "accept", text: "Save" }), make("button", { type: "button", text: "Cancel", on: { click: () => dialog.close() } }))));
  dialog.showModal();
  value.select();
}

async function showDecisions() {
  const rows = await ask("decisions");
  const dialog = byId("decisions");
  const about = (row) => (row.decision === "correct" ? `${words(row.field)} of ${row.name_l || row.record_id_l}: ${row.old_value ?? "–"} → ${row.new_value}`
    : row.decision === "dismiss" ? `note ${row.note_id}` : [row.name_l || row.record_id_l, row.name_r || row.record_id_r].join("  ·  "));
  const effect = (row) => (row.undone_by ? `undone by ${row.undone_by}, ${moment(row.undone_at)}` : row.is_pending ? "waits for the next build" : "in effect");
  dialog.replaceChildren(make("div", { class: "actions" }, make("h2", { text: "Decisions" }), make("button", { type: "button", text: "Close", on: { click: () => dialog.close() } })),
    rows.length ? make("div", { class: "scroll" }, make("table", { class: "log" }, make("tbody", {}, ...rows.map((row) => make("tr", { class: row.undone_by ? "undone" : "" },
      make("td", {}, make("strong", { text: verdict(row) })), make("td", { text: about(row) }), make("td", { text: `${row.decided_by}, ${moment(row.decided_at)}${row.imported_by ? `, imported by ${row.imported_by}` : ""}` }),
      make("td", { text: row.why || "no reason given" }), make("td", { text: effect(row) }),
      make("td", {}, state.may_decide && !row.undone_by ? make("button", { type: "button", text: "Undo", on: { click: () => undo(row.decision_id) } }) : null)))))) : make("p", { text: "Nobody has decided anything yet." }));
  if (!dialog.open) dialog.showModal();
}

const build = () => once(async () => {
  await ask("../api/v2/dags/build_customer360/dagRuns", { logical_date: null, partition_key: state.built_day });
  say("A build was asked for. It begins as soon as no other one runs.");
  byId("build").hidden = true;
});

async function importFile(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  await once(async () => {
    const counts = await ask("import", await file.arrayBuffer(), "text/csv");
    say(`${number(counts.taken)} decisions were taken, ${number(counts.already)} were there already, ${number(counts.left)} lines hold none.`);
    await refresh(current);
  });
}

const KEYS = { a: () => decide(true), r: () => decide(false), s: skip, u: () => undo(), j: () => open(neighbour(1)), k: () => open(neighbour(-1)),
  ArrowDown: () => open(neighbour(1)), ArrowUp: () => open(neighbour(-1)), "/": () => byId("search").focus() };

document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && !["radio", "file"].includes(event.target.type);
  if (event.key === "Escape" && isTyping) { event.target.blur(); return; }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action && !(event.key.startsWith("Arrow") && event.target.type === "radio")) { event.preventDefault(); action(); }
});
byId("search").addEventListener("input", showList);
byId("show-decisions").addEventListener("click", () => showDecisions().catch(complain));
byId("build").addEventListener("click", build);
byId("import").querySelector("input").addEventListener("change", importFile);

byId("airflow").hidden = window.top !== window; // within Airflow its menu is beside the page
try {
  await Promise.all([loadState(), loadQueue()]);
  byId("keys").hidden = !state.may_decide;
  await openFirst();
  window.focus(); // within Airflow the page is a frame, and the keys are meant for it
} catch (error) { complain(error); }

// Small helpers: every text goes through textContent, so no name can become markup.

export const byId = (id) => document.getElementById(id);

export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === "style") for (const [property, of] of Object.entries(value)) element.style[property] = of;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export async function ask(path, body, type = "application/json") {
  const options = { headers: { "X-Customer360-Review": "1" }, credentials: "same-origin" };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = type;
    options.body = type === "application/json" ? JSON.stringify(body) : body;
  }
  const answer = await fetch(path, options);
  const text = await answer.text();
  let content = null;
  try { content = JSON.parse(text); } catch { /* no JSON: the status says enough */ }
  if (!answer.ok) {
    const detail = content && typeof content.detail === "string" ? content.detail : "";
    // Airflow answers 401 to a login that is missing or has expired, 403 to one whose key it does not know any more.
    const isOut = answer.status === 401 || (answer.status === 403 && /token/i.test(detail));
    const error = new Error(isOut ? "You are logged out: reload the page to log in." : detail || `The server answers ${answer.status}.`);
    error.status = answer.status;
    throw error;
  }
  return content;
}

let hiding;
export function say(text, isBad = false) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.classList.toggle("bad", isBad);
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.hidden = true; }, isBad ? 9000 : 4000);
}

export const number = (value) => Number(value).toLocaleString("en");
export const percent = (value) =>
  value === null || value === undefined ? "" : `${(100 * value).toFixed(value > 0.995 || value < 0.005 ? 2 : 0)} %`;
// A value is for comparing items; its decimals say nothing.
export const worth = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
export const moment = (text) => (text ? new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }) : "");
export const words = (name) => name.replaceAll("_", " ");

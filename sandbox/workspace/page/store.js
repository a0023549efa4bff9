// What the page knows: the last state from the server, the address (person, place, thread), and the calls to the server.

export const store = { data: null, online: true, place: { pane: "releases", thread: "", as: "" }, lastTrail: null };
const hearers = new Set();
let polling = null;

export const onChange = (f) => hearers.add(f);
const tell = (what) => hearers.forEach((f) => f(what));

// -- the address: #/releases/1.3.0?as=mira --------------------------------------------------------------------------

export function readAddress() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [pane, thread] = path.split("/").map(decodeURIComponent);
  return { pane: pane || "releases", thread: thread ?? "", as: new URLSearchParams(query ?? "").get("as") ?? "" };
}

export function addressOf(place) {
  const thread = place.thread ? `/${encodeURIComponent(place.thread)}` : "";
  return `#/${encodeURIComponent(place.pane)}${thread}${place.as ? `?as=${encodeURIComponent(place.as)}` : ""}`;
}

/** Goes somewhere; what is not named stays. */
export function go(change, replace = false) {
  const place = { ...store.place, ...change };
  if ("pane" in change && !("thread" in change) && change.pane !== store.place.pane) place.thread = "";
  const address = addressOf(place);
  if (address === addressOf(store.place)) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  arrive(place);
}

function arrive(place) {
  const other = place.as !== store.place.as;
  store.place = place;
  tell("place");
  if (other) poll(true);
}

// -- the server -----------------------------------------------------------------------------------------------------

export function start() {
  store.place = readAddress();
  window.addEventListener("popstate", () => arrive(readAddress()));
  poll(true);
}

/** Asks for the state again and again; `fresh` begins anew, for another person. */
export async function poll(fresh = false) {
  polling?.abort();
  const mine = (polling = new AbortController());
  let since = fresh ? -1 : store.data?.seq ?? -1;
  while (!mine.signal.aborted) {
    try {
      const answer = await fetch(`/page/state?as=${encodeURIComponent(store.place.as)}&since=${since}`, { signal: mine.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.json();
      if (mine.signal.aborted) return;
      line(true);
      since = data.seq;
      store.data = data;
      tell("data");
    } catch {
      if (mine.signal.aborted) return;
      line(false);
      since = -1;
      await new Promise((ok) => setTimeout(ok, 700));
    }
  }
}

function line(online) {
  if (store.online === online) return;
  store.online = online;
  tell("line");
}

async function post(path, body) {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const result = await answer.json();
    if (!result.ok && result.error) tell({ trouble: result.error });
    return result;
  } catch {
    line(false);
    return { ok: false };
  }
}

/** Something this person does: the server turns it into the signed request. */
export const act = (kind, body = {}) => post("/page/act", { as: store.data?.me, kind, ...body });
export const moveClock = (body) => post("/page/clock", body);
export const startOver = () => post("/page/reset", {});
export const guideStep = (step) => post("/page/guide", { step });

// -- what follows from the state ------------------------------------------------------------------------------------

export const me = () => store.data.people.find((p) => p.id === store.data.me);
export const cast = () => store.data.people.filter((p) => p.cast);
export const personKey = (person) => person.name.toLowerCase();

/** The channel of the main pane: by name, or the direct messages. */
export function currentChannel() {
  const { pane } = store.place;
  if (pane === "dm") return store.data.dm;
  return store.data.channels.find((c) => c.name === pane) ?? (pane === "home" ? null : store.data.channels[0] ?? null);
}

export const messagesIn = (channel) => (channel ? store.data.messages[channel.id] ?? [] : []);

/** How this reader sees dates and names. */
export function reader() {
  const person = me();
  const names = {};
  for (const p of store.data.people) names[p.id] = p.name;
  for (const c of store.data.channels) names[c.id] = c.name;
  Object.assign(names, store.data.groups);
  return { id: person.id, zone: person.zone, now: store.data.now, names };
}

const titleOf = (message) => message.blocks?.find((b) => b.block_id === "title" && b.type === "header")?.text.text ?? "";
export const versionOf = (message) => /^v(\d\S*)/.exec(titleOf(message))?.[1] ?? "";

/** What a thread is called in the address: the version of a card, else its time. */
export const threadKey = (message) => versionOf(message) || message.ts;

export function threadRoot() {
  const wanted = store.place.thread;
  if (!wanted) return null;
  return messagesIn(currentChannel()).findLast((m) => !m.private && (m.ts === wanted || versionOf(m) === wanted.replace(/^v/, ""))) ?? null;
}

export const repliesTo = (root) => (store.data.messages[root.channel] ?? []).filter((m) => m.thread_ts === root.ts && m.ts !== root.ts);

/** Who acts next, as the newest living card says it. */
export function nextToAct() {
  const cards = Object.values(store.data.messages).flat().filter((m) => m.blocks?.some((b) => b.block_id === "waits"));
  for (const card of cards.sort((a, b) => Number(b.ts) - Number(a.ts))) {
    const text = card.blocks.find((b) => b.block_id === "waits")?.text?.text ?? "";
    const id = /^⏳[^<\n]*<@(\w+)>/m.exec(text)?.[1];
    const person = store.data.people.find((p) => p.id === id);
    if (person) return person;
  }
  return null;
}

/** What waits for this person, as their Home counts it. */
export function waiting() {
  for (const block of store.data.home?.blocks ?? []) {
    const text = block.type === "header" ? block.text.text : block.text?.text ?? "";
    const count = /Waits for you\W*·\s*(\d+)/.exec(text)?.[1];
    if (count) return Number(count);
  }
  return 0;
}

/** The departure that the newest open card shows, in seconds. */
export function departure() {
  const texts = Object.values(store.data.messages).flat().map((m) => [m.ts, m.blocks?.find((b) => b.block_id === "waits")?.text?.text]);
  for (const [, text] of texts.filter(([, t]) => t).sort(([a], [b]) => Number(b) - Number(a))) {
    const at = Number(/Leaves\*?\s*<!date\^(\d+)/.exec(text)?.[1] ?? 0);
    if (at > store.data.now) return at;
  }
  return null;
}

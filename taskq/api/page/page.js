// A client of the JSON API: it shows what `taskq status --json` says, and all of it as text.

const PAGE = 50;
const AT_ONCE = 100;
const POLL = 2000;
const BEAT = 10_000;
const TABS = [
  ["All", {}, null],
  ["Waiting", { status: "pending" }, "pending"],
  ["Running", { status: "processing" }, "processing"],
  ["Completed", { outcome: "succeeded" }, "succeeded"],
  ["Failed", { outcome: "failed" }, "failed"],
  ["Needs review", { outcome: "unknown" }, "unknown"],
  ["Cancelled", { outcome: "cancelled" }, "cancelled"],
];
const WORDS = {
  pending: "Waiting", processing: "Running", succeeded: "Completed",
  failed: "Failed", unknown: "Needs review", cancelled: "Cancelled",
};
const ICONS = { pending: "pending", processing: "current", succeeded: "done" };
const NO_WORKER = "No worker is running. Start one: taskq work --id 1";

const $ = (id) => document.getElementById(id);
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

// ---- Elements: written only where something changed, so nothing flickers ----

function element(tag, props = {}, ...children) {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...children);
  return made;
}

function spans(names) {
  const made = names.split(" ").map((className) => [className, element("span", { className })]);
  return Object.fromEntries(made);
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  mark(svg, name);
  return svg;
}

function mark(svg, name) {
  attribute(svg.firstChild, "href", `#i-${name}`);
  attribute(svg, "class", `icon ${name}`);
}

function attribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

function note(node, value) {
  text(node, value ?? "");
  node.hidden = !value;
}

const drawn = new WeakMap();

function redraw(node, data, make) {
  const key = JSON.stringify(data);
  if (drawn.get(node) === key) return;
  drawn.set(node, key);
  node.replaceChildren(...make(data));
}

// ---- Times ----

let skew = 0; // of the server's clock against ours

const now = () => Date.now() + skew;
const moment = (stamp) => Date.parse(/Z$|[+-]\d\d:\d\d$/.test(stamp) ? stamp : `${stamp}Z`);
const two = (number) => String(number).padStart(2, "0");

function clock(stamp) {
  const at = new Date(moment(stamp));
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

function day(stamp) {
  const at = new Date(moment(stamp));
  const today = at.toDateString() === new Date(now()).toDateString();
  const date = at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  return today ? clock(stamp) : `${date}, ${clock(stamp)}`;
}

function seconds(value) {
  if (value < 60) return `${value.toFixed(1)} s`;
  const whole = Math.floor(value);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function age(stamp) {
  const passed = Math.max(0, (now() - moment(stamp)) / 1000);
  if (passed < 60) return `${Math.floor(passed)} s`;
  if (passed < 3600) return `${Math.floor(passed / 60)} min`;
  return passed < 86_400 ? `${Math.floor(passed / 3600)} h` : `${Math.floor(passed / 86_400)} d`;
}

// ---- The API ----

class Refused extends Error {
  constructor(status, answer) {
    super(answer.error ?? `The server answered ${status}.`);
    this.status = status;
    this.answer = answer;
  }
}

async function ask(path, { body, headers, onResponse } = {}) {
  const asked = { headers, signal: AbortSignal.timeout(15_000) };
  if (body !== undefined) {
    asked.method = "POST";
    asked.headers = { "Content-Type": "application/json", ...headers };
    asked.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, asked);
  } catch {
    throw new Refused(0, { error: "The server does not answer." });
  }
  if (response.headers.has("Date")) {
    const ahead = Date.parse(response.headers.get("Date")) + 500 - Date.now();
    skew = Math.abs(ahead) < 2000 ? 0 : ahead;
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (response.status === 401 && path !== "login") askForToken();
  if (!response.ok) throw new Refused(response.status, answer);
  onResponse?.(response);
  return answer;
}

const seen = (task) => Object.assign(task, { seenAt: performance.now() });
const word = (task) => task.outcome ?? task.current_status;
const iconOf = (task) => ICONS[word(task)] ?? word(task);
const isOver = (task) => ["completed", "failed"].includes(task.current_status);
const current = (task) => task.timeline.lines.find((line) => line.mark === "current");
const query = (about) => new URLSearchParams(Object.entries(about).filter(([, value]) => value));

// ---- Where a running task is by now: between what the server said and what it expects ----

function position(task) {
  const { lines, until, left, elapsed } = task.timeline;
  const running = task.current_status === "processing";
  const since = running ? (performance.now() - task.seenAt) / 1000 : 0;
  const toCome = sum(lines.filter((l) => l.mark === "pending").map((l) => l.usually ?? 0));
  const within = left === null ? 0 : Math.max(0, left - toCome); // what the step still takes
  const share = within > 0 ? Math.min(1, since / within) : 1;
  const line = current(task);
  const lasts = (line?.seconds ?? 0) + since;
  const isSlow = Boolean(line?.slow);
  let percent = task.percent;
  if (running && percent !== null && until > percent && !task.result_data.count) {
    percent = Math.floor(percent + (until - percent) * share);
  }
  return {
    since, percent, isSlow, lasts, toCome,
    within: Math.max(0, within - since),
    left: left === null || isSlow ? null : Math.max(0, left - since),
    elapsed: elapsed === null ? null : elapsed + since,
  };
}

// ---- Connection: a stream while the page is seen; where there is none, a look every 2 s ----

let stream = null;
let streamed = null; // the task that it tells of
let timer = 0;
let failures = 0;
let streamAgainAt = 0;
let connection = "";

function connect() {
  disconnect();
  if (document.hidden || $("login").open) return;
  // One stream for the queue and the chosen task: a browser has six connections for all its pages.
  streamed = chosen && !isGone ? chosen : null;
  stream = new EventSource(`events?${query({ task: streamed })}`);
  stream.addEventListener("queue", (event) => {
    failures = 0;
    clearTimeout(timer);
    timer = setTimeout(beat, BEAT);
    connected("live");
    showQueue(JSON.parse(event.data));
    refreshList();
  });
  stream.addEventListener("task", (event) => {
    const told = seen(JSON.parse(event.data));
    if (told.task_id === chosen) showTask(told);
  });
  stream.onerror = streamFailed;
  timer = setTimeout(streamFailed, 5000);
}

function streamFailed() {
  disconnect();
  failures += 1;
  streamAgainAt = failures === 1 ? 0 : now() + 1000 * Math.min(60, 2 ** failures);
  look();
}

function disconnect() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
}

async function look() {
  clearTimeout(timer);
  if (document.hidden || $("login").open) return;
  try {
    showQueue(await ask("queue"));
    if (now() >= streamAgainAt) {
      connect();
      return;
    }
    connected("polling");
    refresh();
  } catch (error) {
    if (error.status !== 401) connected("lost");
    streamAgainAt = 0;
  }
  if (!stream) timer = setTimeout(look, POLL);
}

// A silent stream may be a dead one, and a worker's last beat is no change that anybody tells.
async function beat() {
  try {
    showQueue(await ask("queue"));
    if (stream) timer = setTimeout(beat, BEAT);
  } catch {
    streamFailed();
  }
}

function connected(state) {
  if (connection === state) return;
  connection = state;
  const words = { live: "Live", polling: "Polling", lost: "No answer, trying again" };
  text($("connection"), words[state]);
  document.documentElement.dataset.connection = state;
}

// ---- The queue and its workers ----

let workers = [];

function showQueue(queue) {
  workers = queue.workers;
  const counted = queue.counts;
  const told = ["processing", "pending", "unknown"].filter((name) => counted[name]);
  const words = told.map((name) => `${counted[name]} ${WORDS[name].toLowerCase()}`);
  text($("counts"), words.join(" · "));
  for (const [index, tab] of [...$("tabs").children].entries()) {
    const name = TABS[index][2];
    text(tab.lastChild, String(name ? (counted[name] ?? 0) : sum(Object.values(counted))));
  }
  redraw($("beats"), workers.map(({ name, alive }) => [name, alive]), () => beats());
  redraw($("crew"), workers.map((worker) => ({ ...worker, seen_at: null })), () => crew());
  showSeen();
  showWaiting();
}

function beats() {
  if (!workers.length) return [element("span", { className: "silent" }, "No worker is running")];
  const shown = workers.slice(0, 4).map(({ name, alive }) =>
    element("span", { className: alive ? "alive" : "silent" }, alive ? name : `${name} silent`));
  const rest = workers.length - shown.length;
  return rest ? [...shown, `and ${rest} more`] : shown;
}

function crew() {
  if (!workers.length) return [element("tr", {}, element("td", { colSpan: 4 }, NO_WORKER))];
  return workers.map((worker) => {
    const runs = worker.tasks.flatMap((id) => [taskLink(id), " "]);
    return element("tr", {},
      element("th", { scope: "row" },
        element("span", { className: worker.alive ? "alive" : "silent" }, worker.name),
        element("small", {}, `${worker.host}, pid ${worker.pid}`)),
      element("td"),
      element("td", {}, ...(runs.length ? runs : ["nothing"])),
      element("td", {},
        worker.types.join(", "),
        element("small", {}, `${worker.slots} at a time`)));
  });
}

function showSeen() {
  for (const [index, worker] of workers.entries()) {
    const silent = worker.alive ? "" : "silent, seen ";
    text($("crew").children[index].children[1], `${silent}${age(worker.seen_at)} ago`);
  }
}

// ---- The list ----

let tab = 0;
let wanted = PAGE;
let asked = 0; // which question the list answers; an answer to an older one is dropped
let reading = false;
let resting = 0;
let stale = false;
const rows = new Map();

function refresh() {
  refreshChosen();
  refreshList();
}

async function refreshList() {
  stale = true;
  if (reading || resting) return;
  reading = true;
  stale = false;
  const began = performance.now();
  const question = asked;
  try {
    const [found, hasMore] = await read();
    if (question === asked) showList(found, hasMore);
  } catch (error) {
    if (error.status > 401) note($("nothing"), error.message);
  }
  reading = false;
  if (question !== asked) {
    refreshList();
    return;
  }
  // What takes long to read is read less often.
  const pause = Math.max(500, 2 * (performance.now() - began));
  resting = setTimeout(() => {
    resting = 0;
    if (stale) refreshList();
  }, pause);
}

function askAnew(count) {
  wanted = count;
  asked += 1;
  clearTimeout(resting);
  resting = 0;
  refreshList();
}

async function read() {
  const found = [];
  const filters = { ...TABS[tab][1], search: $("search").value.trim() };
  let hasMore = true;
  while (hasMore && found.length < wanted) {
    const limit = Math.min(AT_ONCE, wanted - found.length);
    const page = await ask(`tasks?${query({ ...filters, limit, after: found.at(-1)?.task_id })}`, {
      onResponse: (r) => { hasMore = /rel="?next/.test(r.headers.get("Link") ?? ""); },
    });
    found.push(...page.map(seen));
    if (!page.length) break;
  }
  return [found, hasMore];
}

function search() {
  $("shown").scrollTop = 0;
  askAnew(PAGE);
}

function showList(found, hasMore) {
  const isFirst = !rows.size;
  const there = new Set(found.map((task) => task.task_id));
  for (const [id, row] of rows) {
    if (there.has(id)) continue;
    row.item.remove();
    rows.delete(id);
  }
  for (const [index, task] of found.entries()) {
    const row = rows.get(task.task_id) ?? newRow(task.task_id);
    row.task = task;
    showRow(row);
    const before = $("list").children[index];
    if (before !== row.item) $("list").insertBefore(row.item, before ?? null);
  }
  if (isFirst) rows.get(chosen)?.item.scrollIntoView({ block: "center" });
  const isFiltered = tab || $("search").value.trim();
  const none = isFiltered ? "Nothing found." : "No tasks yet. Press n to submit one.";
  note($("nothing"), found.length ? "" : none);
  $("more").hidden = !hasMore;
}

function newRow(id) {
  const row = { icon: icon("pending"), bar: element("i") };
  Object.assign(row, spans("state type when step percent"));
  row.state.className = "unseen";
  const mini = element("span", { className: "mini" }, row.bar);
  row.link = taskLink(id, row.icon, element("code", {}, id), row.state, row.type, row.when,
    row.step, mini, row.percent);
  row.item = element("li", {}, row.link);
  rows.set(id, row);
  markRow(row, id);
  return row;
}

function showRow(row) {
  const { task } = row;
  const { percent } = position(task);
  const running = task.current_status === "processing";
  mark(row.icon, iconOf(task));
  attribute(row.link, "data-state", word(task));
  text(row.state, ` ${WORDS[word(task)]} `);
  text(row.type, task.type);
  text(row.step, saying(task));
  text(row.when, age(task.created_at));
  text(row.percent, running && percent !== null ? `${percent}%` : "");
  row.bar.parentNode.hidden = !running;
  row.bar.parentNode.classList.toggle("pulse", percent === null);
  row.bar.style.scale = `${(percent ?? 100) / 100} 1`;
}

function saying(task) {
  const { order, progress } = task.result_data;
  if (task.current_status === "pending") return "Waiting";
  if (order) return `Order #${order}`;
  return task.error_message ?? current(task)?.message ?? progress.at(-1)?.message ?? "";
}

function markRow(row, id) {
  if (id === chosen) row.link.setAttribute("aria-current", "true");
  else row.link.removeAttribute("aria-current");
}

// ---- One task ----

let chosen = null;
let task = null;
let highest = 0;
let lastSaid = "";
let isGone = false;
const lines = [];

const address = (id) => `?task=${encodeURIComponent(id)}`;

function taskLink(id, ...children) {
  const link = element("a", { href: address(id) }, ...children);
  if (!children.length) link.append(element("code", {}, id));
  link.dataset.id = id;
  return link;
}

function choose(id, { replace = false } = {}) {
  if (id === chosen) return;
  const target = id ? address(id) : location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", target);
  open(id);
}

function open(id) {
  chosen = id;
  task = null;
  lastSaid = "";
  isGone = false;
  $("task").hidden = true;
  note($("placeholder"), id ? "Looking…" : "Choose a task to watch it. Press ? for the keys.");
  $("main").classList.toggle("chosen", Boolean(id));
  $("pane").scrollTop = 0;
  text($("refusal"), "");
  for (const [rowId, row] of rows) markRow(row, rowId);
  document.title = id ? `${id} · taskq` : "taskq";
  if (id) follow(id);
}

async function follow(id) {
  try {
    const found = seen(await ask(`tasks/${encodeURIComponent(id)}`));
    if (id !== chosen) return;
    if (id !== found.task_id) {
      choose(found.task_id, { replace: true }); // it was asked for by a beginning of its id
      return;
    }
    showTask(found);
  } catch (error) {
    if (id === chosen && error.status === 404) gone(error.message);
    return;
  }
  if (stream && streamed !== id) connect();
}

function refreshChosen() {
  if (chosen && !isGone && !(stream && streamed === chosen)) follow(chosen);
}

function gone(message) {
  isGone = true;
  task = null;
  $("task").hidden = true;
  note($("placeholder"), message);
}

function showTask(found) {
  if (task?.attempt !== found.attempt || found.current_status !== "processing") highest = 0;
  if (task?.task_id !== found.task_id) text($("id"), found.task_id);
  task = found;
  $("task").hidden = false;
  $("task").dataset.state = word(task);
  note($("placeholder"), "");
  const { type, created_at: created, worker, account, attempt } = task;
  redraw($("about"), [word(task), type, created, worker, account, attempt], about);
  showEnd();
  showWaiting();
  showAction();
  showEarlier();
  showLines();
  redraw($("pictures"), [task.task_id, task.result_data.artifacts ?? {}], artifacts);
  redraw($("facts"), [task.params, extras()], () => facts());
  showMoving();
  const row = rows.get(task.task_id);
  if (row) {
    row.task = task;
    showRow(row);
  }
  const [state, said] = [WORDS[word(task)], saying(task)];
  say(isOver(task) && said !== state ? `${state}: ${said}` : said);
}

function say(message) {
  if (lastSaid && lastSaid !== message) text($("said"), message);
  lastSaid = message;
}

function about() {
  const parts = [
    task.type,
    `submitted ${day(task.created_at)}`,
    task.worker,
    task.attempt > 1 && `attempt ${task.attempt}`,
    task.account && `account ${task.account}`,
  ];
  const state = element("b", { className: "state" }, icon(iconOf(task)), WORDS[word(task)]);
  return [state, ...parts.filter(Boolean).map((part) => element("span", {}, part))];
}

function showEnd() {
  const { order, dry_run: isDry } = task.result_data;
  note($("order"), order ? `Order #${order}` : isDry ? "Dry run: nothing was bought" : "");
  note($("error"), task.error_message);
}

function showWaiting() {
  if (!task) return;
  const isKnown = workers.some((worker) => worker.alive && worker.types.includes(task.type));
  const waits = task.current_status === "pending";
  note($("notice"), waits ? (isKnown ? "Waiting for a worker to be free." : NO_WORKER) : "");
  $("notice").classList.toggle("alarm", !isKnown);
}

function showEarlier() {
  const { progress } = task.result_data;
  const earlier = task.timeline.lines.filter((line) => line.mark === "skipped" && line.timestamp);
  const following = task.timeline.lines[earlier.length]?.timestamp;
  redraw($("earlier"), earlier, () => earlier.map((line, index) => {
    const next = earlier[index + 1]?.timestamp ?? following;
    const its = progress.filter(({ timestamp }) =>
      timestamp >= line.timestamp && (!next || timestamp < next));
    return element("details", {},
      element("summary", {}, element("span", {}, line.message), time(line.timestamp)),
      element("ol", {}, ...its.map((entry) =>
        element("li", {}, element("span", {}, entry.message), time(entry.timestamp)))));
  }));
}

function time(stamp) {
  return element("time", { dateTime: `${stamp}Z`, title: day(stamp) }, clock(stamp));
}

function shownLines() {
  return task.timeline.lines.filter((line) => line.mark !== "skipped" || !line.timestamp);
}

function showLines() {
  const all = shownLines();
  const start = moment(all.find((line) => line.timestamp)?.timestamp ?? task.created_at);
  let after = 0; // of the seconds that usually follow the current step
  while (lines.length > all.length) lines.pop().row.remove();
  for (const [index, line] of all.entries()) {
    const shown = lines[index] ?? newLine();
    attribute(shown.row, "class", line.mark);
    mark(shown.icon, line.mark === "failed" && word(task) === "unknown" ? "unknown" : line.mark);
    text(shown.unseen, line.mark);
    text(shown.message, line.message);
    text(shown.time, line.timestamp ? clock(line.timestamp) : "");
    text(shown.slow, slowness(line));
    const took = line.seconds === null ? "" : seconds(line.seconds);
    if (line.mark !== "current") text(shown.seconds, took);
    shown.from = line.timestamp ? (moment(line.timestamp) - start) / 1000 : 0;
    shown.after = after;
    if (line.mark === "pending") after += line.usually ?? 0;
    place(shown.bar, shown.from, line.seconds ?? 0);
  }
}

function newLine() {
  const ghost = element("i", { className: "ghost" });
  const shown = { icon: icon("pending"), bar: element("i"), ghost };
  Object.assign(shown, spans("unseen message slow time seconds"));
  shown.row = element("tr", {},
    element("td", {}, shown.icon, shown.unseen),
    element("td", {}, shown.message, shown.slow),
    element("td", {}, shown.time),
    element("td", {}, shown.seconds),
    element("td", {}, shown.ghost, shown.bar));
  shown.row.lastChild.setAttribute("aria-hidden", "true");
  lines.push(shown);
  $("lines").append(shown.row);
  return shown;
}

function place(bar, from, lasts) {
  bar.style.setProperty("--from", from.toFixed(2));
  bar.style.setProperty("--for", lasts.toFixed(2));
}

// What moves by itself: called at every change and four times a second.
function showMoving() {
  if (!task) return;
  const at = position(task);
  const running = task.current_status === "processing";
  const shown = shownLines();
  const last = shown.findLastIndex((line) => line.timestamp);
  const begun = last < 0 ? 0 : lines[last].from + (running ? at.lasts : (shown[last].seconds ?? 0));
  const total = begun + (running ? at.within + at.toCome : 0);
  $("steps").style.setProperty("--total", Math.max(0.1, total).toFixed(2));
  for (const [index, line] of shown.entries()) {
    const { bar, ghost, from, after, seconds: cell } = lines[index];
    if (line.mark === "current") {
      text(cell, seconds(at.lasts));
      place(bar, from, at.lasts);
      place(ghost, from + at.lasts, at.within);
    } else if (line.mark === "pending") {
      place(ghost, begun + at.within + after, line.usually ?? 0);
    }
    ghost.hidden = !running || !/current|pending/.test(line.mark) || line.usually === 0;
  }
  showProgress(at, running);
}

function showProgress(at, running) {
  const updates = task.result_data.progress.length;
  highest = at.percent === null ? 0 : Math.max(highest, at.percent);
  const isKnown = at.percent !== null;
  text($("percent"), isKnown ? `${highest}%` : `${updates} update${updates === 1 ? "" : "s"}`);
  text($("elapsed"), at.elapsed === null ? "" : seconds(at.elapsed));
  text($("left"), running ? remaining(at) : "");
  const bar = $("bar");
  bar.classList.toggle("pulse", !isKnown && running);
  bar.firstChild.style.scale = `${(isKnown ? highest : running ? 100 : 0) / 100} 1`;
  if (isKnown) attribute(bar, "aria-valuenow", highest);
  else bar.removeAttribute("aria-valuenow");
  const head = running && isKnown ? `${highest}%` : WORDS[word(task)];
  document.title = `${head} · ${task.task_id} · taskq`;
}

function remaining(at) {
  const { count } = task.result_data;
  if (task.cancel_requested) return "asked to stop";
  if (at.isSlow) return slowness(current(task));
  if (count) return `${count.done} of ${count.total}`;
  return at.left >= 1 ? `about ${Math.round(at.left)} s left` : "";
}

function slowness(line) {
  return line.slow && line.usually ? `slow: usually ${seconds(line.usually)}` : "";
}

// ---- What belongs to a task ----

function artifacts([id, named]) {
  return Object.entries(named).map(([name, path]) => {
    const href = `tasks/${encodeURIComponent(id)}/artifacts/${encodeURIComponent(name)}`;
    const title = name.replaceAll("-", " ");
    const file = String(path).split(/[\\/]/).pop();
    if (!/\.png$/i.test(file)) {
      const link = { href, download: file, className: "file" };
      return element("a", link, title, element("small", {}, file));
    }
    const picture = element("img", { src: href, alt: `Picture: ${title}`, loading: "lazy" });
    return outward(href, picture, element("span", {}, title));
  });
}

function extras() {
  const known = ["progress", "order", "artifacts", "count", "dry_run"];
  return Object.entries(task.result_data).filter(([name]) => !known.includes(name));
}

function facts() {
  const isEmpty = (value) => value === null || value === false || value === "" ||
    (typeof value === "object" && !Object.keys(value).length);
  return [...extras(), ...Object.entries(task.params)]
    .filter(([, value]) => !isEmpty(value))
    .flatMap(([name, value]) => [
      element("dt", {}, name.replaceAll("_", " ")),
      element("dd", {}, ...written(value)),
    ]);
}

function written(value) {
  if (Array.isArray(value)) return [value.map((one) => written(one)[0]).join(", ")];
  if (value && typeof value === "object") {
    return [Object.entries(value).map(([key, one]) => `${key}=${written(one)[0]}`).join(", ")];
  }
  if (value === true) return ["yes"];
  if (typeof value === "string" && /^https?:\/\/\S+$/i.test(value)) {
    return [outward(value, value)];
  }
  return [String(value)];
}

function outward(href, ...children) {
  return element("a", { href, target: "_blank", rel: "noreferrer" }, ...children);
}

// ---- Cancel, retry, resolve: one of them at a time is the thing to do ----

const ACTIONS = {
  pending: ["Cancel…", "Takes it out of the queue.", cancel],
  processing: ["Cancel…", "Stops it at its next step, unless it is paying.", cancel],
  failed: ["Retry…", "Runs it once more, under the same id.", retry],
  cancelled: ["Retry…", "Runs it once more, under the same id.", retry],
  unknown: ["Resolve…", "Nobody saw how its payment ended: say what you found out.", resolve],
};
const RECORD = "Record it";
let isActing = false;

function showAction() {
  const [name, effect] = ACTIONS[word(task)] ?? [];
  const isStopping = task.cancel_requested && !isOver(task);
  const hadFocus = document.activeElement === $("action");
  $("act").hidden = !name;
  text($("action"), isStopping ? "Stopping…" : (name ?? ""));
  $("action").disabled = isStopping || isActing;
  $("action").setAttribute("aria-keyshortcuts", name === "Cancel…" ? "c" : "r");
  text($("effect"), effect ?? "");
  if (hadFocus && $("action").disabled) $("pane").focus();
}

async function act(verb, body, whereWrong) {
  if (isActing) return false;
  const { task_id: id } = task;
  isActing = true;
  showAction();
  text(whereWrong, "");
  try {
    const changed = seen(await ask(`tasks/${encodeURIComponent(id)}/${verb}`, { body }));
    isActing = false;
    if (id === chosen) showTask(changed);
    refresh();
    return true;
  } catch (error) {
    if (id === chosen) text(whereWrong, error.message);
    return false;
  } finally {
    isActing = false;
    if (task) showAction();
  }
}

function cancel() {
  const what = word(task) === "pending"
    ? "It is not running. It can be run later, under the same id."
    : "It stops at its next step, unless it is paying. It can be run again, from the first step.";
  confirm("cancel", `Cancel ${task.task_id}?`, what, "Cancel it");
}

function retry() {
  const what = task.params.dry_run
    ? "It is a dry run: nothing will be paid."
    : "It begins again from the first step. What it is to buy or book, it will pay for.";
  confirm("retry", `Run ${task.task_id} again?`, what, "Run it again");
}

async function resolve() {
  const { task_id: id } = task;
  const look = "Look first whether it went through. Until then no other task may pay for the same.";
  try {
    const { lines } = await ask(`tasks/${encodeURIComponent(id)}/review`);
    if (id !== task?.task_id) return;
    confirm("resolve", `What became of ${id}?`, [...lines.slice(1), look].join("\n"), RECORD);
  } catch (error) {
    text($("refusal"), error.message);
  }
}

function confirm(verb, title, what, button) {
  const form = $("confirm").querySelector("form");
  form.reset();
  Object.assign(form.dataset, { task: task.task_id, verb });
  text($("confirm-title"), title);
  text($("confirm-text"), what);
  text($("confirmed"), button);
  text($("confirm-error"), "");
  $("resolution").hidden = $("resolution").disabled = verb !== "resolve";
  showResolution();
  $("confirm").showModal();
}

function showResolution() {
  const { done, reference, again } = $("confirm").querySelector("form").elements;
  reference.disabled = done.value !== "yes";
  again.disabled = done.value !== "no";
  if ($("resolution").disabled) return;
  text($("confirmed"), again.checked && !again.disabled ? "Record and run it again" : RECORD);
}

async function confirmed(event) {
  event.preventDefault();
  const form = event.target;
  if (!task || form.dataset.task !== task.task_id) {
    $("confirm").close();
    return;
  }
  const { done, reference, again } = form.elements;
  const answer = done.value === "yes"
    ? { done: true, ...(reference.value.trim() && { reference: reference.value.trim() }) }
    : { done: false, retry: again.checked };
  const { verb } = form.dataset;
  $("confirmed").disabled = true;
  const went = await act(verb, verb === "resolve" ? answer : {}, $("confirm-error"));
  $("confirmed").disabled = false;
  if (went) $("confirm").close();
}

// ---- A new task: the form is the type's own schema ----

let types = [];
let key = "";
let isUnsure = false; // whether a task of this key may be there already, whose answer was lost
let entries = [];
let account = null;

async function newTask() {
  if ($("submit").open) return;
  if (!isUnsure) key = crypto.getRandomValues(new Uint32Array(4)).join("-"); // no https, no UUID
  try {
    types = await ask("types");
  } catch (error) {
    if (error.status !== 401) text($("said"), error.message);
    return;
  }
  redraw($("type"), types.map((type) => type.type), (names) =>
    names.map((name) => element("option", { value: name }, name)));
  $("type-row").hidden = types.length < 2;
  if (!isUnsure) showFields();
  $("submit").showModal();
  entries[0]?.input.focus();
}

function showFields() {
  const { schema, login, pays } = types.find((type) => type.type === $("type").value) ?? types[0];
  const required = new Set(schema.required);
  const named = Object.entries(schema.properties ?? {});
  named.sort(([one], [other]) => required.has(other) - required.has(one));
  entries = named.map(([name, property]) => field(name, property, schema, required.has(name)));
  account = field("account", { description: "a saved login to do it with" }, schema, false);
  $("fields").replaceChildren(...entries.map((entry) => entry.row), ...(login ? [account.row] : []));
  note($("pays"), pays ? "A worker will do this, and pay for it." : "");
  showFaults(new Map());
  sayFault("", null);
}

function kindOf(property, schema) {
  const resolved = (one) => ({ ...one, ...schema.$defs?.[one.$ref?.split("/").pop()] });
  const choices = (property.anyOf ?? property.allOf ?? [property]).map(resolved);
  const types = choices.map((one) => one.type);
  const options = choices.flatMap((one) => one.enum ?? ("const" in one ? [one.const] : []));
  if (options.length) return { kind: "choice", options };
  const exact = types.includes("string") ? [] : ["integer", "number"]; // a decimal is text: 12.50
  for (const kind of ["boolean", "object", "array", ...exact]) {
    if (types.includes(kind)) return { kind };
  }
  return { kind: "string" };
}

function field(name, property, schema, required) {
  const about = kindOf(property, schema);
  const id = `field-${name}`;
  const label = element("label", { htmlFor: id }, capital(name.replaceAll("_", " ")));
  const hint = element("small", { id: `${id}-hint` }, hintOf(property, about.kind));
  const fault = element("small", { id: `${id}-fault`, className: "error" });
  const input = inputFor(about, property);
  Object.assign(input, { id, name, required });
  input.setAttribute("aria-describedby", `${hint.id} ${fault.id}`);
  if (required) label.append(element("span", { className: "needed" }, " required"));
  const row = element("div", { className: `field ${about.kind}` }, label, input, hint, fault);
  return { name, ...about, input, fault, row };
}

function inputFor({ kind, options }, property) {
  const standard = property.default;
  if (kind === "choice") {
    const offered = options.map((one) =>
      element("option", { selected: one === standard }, String(one)));
    if (!standard) offered.unshift(element("option", { value: "" }));
    return element("select", {}, ...offered);
  }
  if (kind === "boolean") return element("input", { type: "checkbox", checked: standard === true });
  if (/object|array/.test(kind)) return element("textarea", { rows: 2, spellcheck: false });
  return element("input", {
    type: "text",
    inputMode: { integer: "numeric", number: "decimal" }[kind] ?? "",
    placeholder: property.examples?.[0] ?? "",
    value: standard ?? "",
    autocomplete: "off",
    spellcheck: false,
  });
}

function hintOf({ description = "" }, kind) {
  const how = { object: "NAME=VALUE, one a line", array: "one a line" }[kind];
  return [capital(description), how].filter(Boolean).join("; ");
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

// What cannot be read as its kind goes as it was typed: the server says what is wrong with it.
function valueOf({ kind, input, options }) {
  if (kind === "boolean") return input.checked;
  const typed = input.value.trim();
  if (typed === "") return undefined;
  if (kind === "choice") return options.find((one) => String(one) === typed);
  if (/integer|number/.test(kind)) return /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : typed;
  if (kind === "string") return typed;
  const each = typed.split("\n").map((one) => one.trim()).filter(Boolean);
  if (kind === "array" || each.some((one) => !one.includes("="))) return each;
  return Object.fromEntries(each.map((one) => one.split(/=(.*)/).map((part) => part.trim())));
}

async function send(again) {
  const given = entries.map((entry) => [entry.name, valueOf(entry)]);
  const body = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const mine = key;
  const options = query({ account: account.input.value.trim(), again: again && "true" });
  for (const id of ["send", "again"]) $(id).disabled = true;
  showFaults(new Map());
  sayFault("", null);
  try {
    const made = await ask(`tasks/${encodeURIComponent($("type").value)}?${options}`, {
      body,
      headers: { "Idempotency-Key": mine },
    });
    isUnsure = false;
    if (mine !== key) return;
    $("submit").close();
    choose(made.task_id);
    warnOf(made.alike);
    refresh();
  } catch (error) {
    if (mine !== key) return;
    isUnsure = error.status === 0 || error.status >= 500;
    const told = error.answer.fields ?? [];
    showFaults(new Map(told.map((fault) => [fault.field, fault.problem])));
    const isShown = told.length && told.every((fault) => $(`field-${fault.field}`));
    const unsure = isUnsure ? " It may have arrived: to submit it again makes no second task." : "";
    sayFault(isShown ? "" : error.message + unsure, error.answer.task_id);
    $("again").hidden = !error.answer.again;
  } finally {
    for (const id of ["send", "again"]) $(id).disabled = false;
  }
}

function warnOf(alike) {
  if (!alike?.length) return;
  const others = alike.flatMap((id) => [taskLink(id), " "]);
  $("refusal").replaceChildren(...others, "wants the same and has not ended: both will be paid for.");
}

function showFaults(faults) {
  let first = null;
  for (const { name, input, fault } of entries) {
    text(fault, capital(faults.get(name) ?? ""));
    input.setAttribute("aria-invalid", faults.has(name));
    if (faults.has(name)) first ??= input;
  }
  first?.focus();
}

function sayFault(message, other) {
  $("again").hidden = true;
  $("submit-error").replaceChildren(message, ...(other ? [" ", taskLink(other)] : []));
}

// ---- A token, where the server asks for one ----

function askForToken() {
  disconnect();
  if (!$("login").open) $("login").showModal();
}

async function login(event) {
  event.preventDefault();
  try {
    await ask("login", { body: { token: $("token").value } });
  } catch (error) {
    text($("login-error"), error.message);
    return;
  }
  $("login").close();
  $("token").value = "";
  text($("login-error"), "");
  connect();
  refresh();
}

// ---- Keys ----

function move(by) {
  const links = [...$("list").querySelectorAll("a")];
  const focused = links.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : links.findIndex((link) => link.dataset.id === chosen);
  const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (!isNarrow()) choose(next.dataset.id, { replace: Boolean(chosen) });
}

function moveTab(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  chooseTab((tab + by + TABS.length) % TABS.length);
  $("tabs").children[tab].focus();
}

function leave() {
  const left = chosen;
  choose(null);
  rows.get(left)?.link.focus();
}

const isNarrow = () => matchMedia("(width < 700px)").matches;

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  n: newTask,
  c: () => pressAction(cancel),
  r: () => pressAction(retry) || pressAction(resolve),
  "/": () => {
    if (isNarrow()) choose(null);
    $("search").focus();
  },
  "?": () => $("keys").showModal(),
};

function pressAction(which) {
  const isIt = task && ACTIONS[word(task)]?.[2] === which && !$("action").disabled;
  if (isIt) which();
  return isIt;
}

function pressed(event) {
  // The field of a dialog that just closed keeps the focus until the browser draws again.
  const isTyping = event.target.closest("input, select, textarea")?.checkVisibility();
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    if ($("workers").open) $("workers").open = false;
    else if (event.target === $("search")) $("search").blur();
    else if (chosen) leave();
    return;
  }
  const isOurs = !(event.ctrlKey || event.metaKey || event.altKey || isTyping);
  if (!isOurs || document.querySelector("dialog[open]")) return;
  const inList = event.target.closest("#list");
  const arrow = inList && { ArrowDown: "j", ArrowUp: "k" }[event.key];
  const act = KEYS[arrow || event.key];
  if (!act || (event.repeat && !/[jk]/.test(arrow || event.key))) return;
  event.preventDefault();
  act();
}

// ---- Start ----

function chooseTab(index) {
  tab = index;
  for (const [at, button] of [...$("tabs").children].entries()) {
    attribute(button, "aria-selected", at === tab);
    button.tabIndex = at === tab ? 0 : -1;
  }
  search();
}

function clicked(event) {
  const link = event.target.closest("a[data-id], #back");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    $("submit").close();
    $("workers").open = false;
    if (link.dataset.id) choose(link.dataset.id);
    else leave();
    if (chosen && isNarrow()) $("pane").focus();
  }
  if (event.target.value === "close") event.target.closest("dialog").close();
  if (!event.target.closest("#workers")) $("workers").open = false;
}

function start() {
  $("tabs").append(...TABS.map(([name], index) => {
    const onclick = () => chooseTab(index);
    const button = element("button", { onclick }, `${name} `, element("span"));
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", "shown");
    return button;
  }));
  let typing = 0;
  $("search").oninput = () => {
    clearTimeout(typing);
    typing = setTimeout(search, 200);
  };
  $("more").onclick = () => askAnew(wanted + PAGE);
  $("tabs").onkeydown = moveTab;
  $("new").onclick = newTask;
  $("action").onclick = () => ACTIONS[word(task)]?.[2]();
  $("type").onchange = showFields;
  $("again").onclick = () => send(true);
  $("submit").querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    send(false);
  };
  $("confirm").querySelector("form").onsubmit = confirmed;
  $("confirm").querySelector("form").onchange = showResolution;
  $("login").querySelector("form").onsubmit = login;
  $("login").oncancel = (event) => event.preventDefault();
  document.onclick = clicked;
  document.onkeydown = pressed;
  document.onvisibilitychange = () => {
    if (document.hidden) {
      disconnect();
    } else {
      connect();
      refresh();
    }
  };
  window.onpopstate = () => open(new URLSearchParams(location.search).get("task"));
  setInterval(() => {
    const moves = !document.hidden && connection !== "lost";
    if (moves && task?.current_status === "processing") showMoving();
  }, 250);
  setInterval(() => {
    if (document.hidden) return;
    showSeen();
    for (const row of rows.values()) showRow(row);
  }, 1000);
  chooseTab(0);
  window.onpopstate();
  connect();
}

start();

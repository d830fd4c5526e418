"use strict";
// A page that only looks. Everything from outside goes in as text, never as markup.

const $ = (id) => document.getElementById(id);
const chosen = () => $("account").value;
const STALE_S = 3;
let socket = null;
let lastHeard = 0;
let lastShown = 0;
let trouble = "";

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// Money as people read it: thousands, a sign where it is a change; unknown is a dash, never a zero.
function money(text, signed) {
  if (text === null || text === undefined) return "-";
  const negative = String(text).startsWith("-");
  const [whole, fraction = "00"] = String(text).replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",") + "." + fraction.padEnd(2, "0");
  return (negative ? "-" : signed && tone(text) ? "+" : "") + grouped;
}

// Ratios that are no shares of equity: a multiple of it, and a number of contracts.
const PLAIN_RATIOS = ["leverage", "max_contracts"];

// A limit's figure in its unit: money grouped, shares of equity in percent, leverage as a multiple.
function figure(row, text) {
  if (text === null || text === undefined) return "-";
  if (row.unit === "money") return money(text);
  if (row.unit !== "ratio") return text;
  if (row.check === "leverage") return `${Number(text).toFixed(2)}x`;
  return PLAIN_RATIOS.includes(row.check) ? text : `${(Number(text) * 100).toFixed(1)} %`;
}

function tone(text) {
  if (text === null || text === undefined || /^-?0*\.?0*$/.test(text)) return "";
  return String(text).startsWith("-") ? "bad" : "good";
}

function arrow(text) {
  const what = tone(text);
  return what === "bad" ? " ▼" : what === "good" ? " ▲" : "";
}

function table(where, columns, rows, nothing) {
  const box = $(where);
  box.replaceChildren();
  if (!rows.length) {
    box.append(element("p", nothing, "none"));
    return;
  }
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const [name, , numeric] of columns) {
    const cell = element("th", name, numeric ? "n" : "");
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const [, read, numeric] of columns) {
      const value = read(row);
      const cell = element("td", undefined, numeric ? "n" : "");
      cell.append(value instanceof Node ? value : document.createTextNode(value ?? "-"));
      line.append(cell);
    }
  }
  box.append(made);
}

function toned(text, signed) {
  return element("span", money(text, signed) + (signed ? arrow(text) : ""), signed ? tone(text) : "");
}

function showAccount(account) {
  const unpriced = account.unpriced.length ? `unknown: no price for ${account.unpriced.join(", ")}` : "";
  const figures = [
    ["State", account.trading_state, account.trading_state === "active" ? "" : "bad"],
    ["Equity " + account.currency, money(account.equity)],
    ["Day P&L", money(account.total_pnl, true) + arrow(account.total_pnl), tone(account.total_pnl)],
    ["Realized", money(account.realized_pnl, true), tone(account.realized_pnl)],
    ["Unrealized", money(account.unrealized_pnl, true), tone(account.unrealized_pnl)],
    ["Cash", money(account.cash)],
    ["Gross exposure", money(account.gross_exposure)],
    ["Initial margin", money(account.initial_margin)],
    ["Trading day", account.trading_day ?? "-"],
    ["Resets at", (account.resets_at ?? "-").slice(0, 16).replace("T", " ") + " UTC"],
  ];
  $("strip").replaceChildren();
  for (const [name, value, className] of figures) {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value, className));
    $("strip").append(pair);
  }
  showBanner(account.restrictions, unpriced);
  $("mode").textContent = account.mode;
  document.title = `${money(account.total_pnl, true)} · ${account.trading_state} · ${account.mode} · Stopline`;
}

// What restricts the account. It is an alert, read out when it changes: made anew only then, and its countdown is not read.
let inBanner = "";
function showBanner(restrictions, unpriced) {
  const news = JSON.stringify([restrictions, unpriced]);
  if (news === inBanner) return;
  inBanner = news;
  $("banner").replaceChildren();
  for (const each of restrictions) {
    const until = each.until ? `until ${each.until.slice(0, 19).replace("T", " ")} UTC` : "until it is lifted";
    const since = each.since.slice(0, 19).replace("T", " ");
    const flat = each.keeps_flat ? "; what comes up meanwhile is closed" : "";
    const line = element("p", `${each.state.toUpperCase()}: ${each.reason} (${each.key}, since ${since} UTC, ${until}${flat}) `);
    if (each.until) {
      const left = element("strong", undefined, "n");
      left.dataset.until = each.until;
      left.setAttribute("aria-live", "off");
      line.append(left);
    }
    $("banner").append(line);
  }
  countDown();
  if (unpriced) $("banner").append(element("p", unpriced));
}

// A length of time in the two largest units that say something.
function span(seconds) {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

// The server's clock, not this machine's: what it said last, and what passed here since.
let serverAt = 0;
let serverHeard = 0;
function serverNow() {
  return serverAt + (performance.now() - serverHeard);
}

function countDown() {
  if (!serverAt) return;
  for (const each of document.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.round((Date.parse(each.dataset.until.slice(0, 23) + "Z") - serverNow()) / 1000));
    each.textContent = `${span(left)} left`;
  }
}

function showOwed(account) {
  $("s-owed").hidden = !account.obligations.length;
  table("owed", [
    ["what", (row) => `${row.kind} ${row.symbol}`.trim()],
    ["why", (row) => `${row.cause}: ${row.reason}`],
    ["state", (row) => row.state],
    ["age", (row) => element("span", span(row.age_s), row.escalations ? "bad" : ""), true],
    ["failed", (row) => String(row.attempts), true],
    ["next try (UTC)", (row) => row.next_at && row.next_at.slice(11, 19)],
    ["", (row) => row.text],
  ], account.obligations, "nothing is owed");
  $("s-breaches").hidden = !account.breaches.length;
  table("breaches", [
    ["rule", (row) => row.rule],
    ["of", (row) => row.key || "account"],
    ["mode", (row) => row.mode],
    ["since (UTC)", (row) => row.since.slice(0, 19).replace("T", " ")],
    ["what it found", (row) => row.reason],
    ["asks for", (row) => row.asks_for.join(", ")],
  ], account.breaches, "no rule is broken");
}

function bar(row) {
  if (row.used_pct === null) return element("span", row.defect ?? "-", "warn");
  const percent = Number(row.used_pct);
  const box = element("span");
  const meter = element("meter");
  meter.min = 0;
  meter.max = 100;
  meter.high = 70;
  meter.optimum = 0;
  meter.value = Math.min(percent, 100);
  meter.setAttribute("aria-label", `${row.check} ${row.scope}: ${row.used_pct} % used`);
  const word = percent >= 90 ? "bad" : percent >= 70 ? "warn" : "";
  box.append(meter, element("span", ` ${row.used_pct} %`, word));
  return box;
}

// What was asked for; and as what the broker has it, where that differs.
function asked(row) {
  const qty = row.asked_qty ? `${row.order_qty} of ${row.asked_qty}` : row.order_qty;
  const trail = row.trail_percent ? ` ${row.trail_percent} %` : row.trail_amount ? ` ${row.trail_amount}` : "";
  const sent = row.sent_as ? `, sent as ${row.sent_as}` : "";
  return `${row.side} ${qty} ${row.symbol} ${row.order_type}${trail}${sent}`;
}

// When it ends by its own terms.
function ends(row) {
  const told = [row.time_in_force];
  if (row.expire_at) told.push(`${row.expire_at.slice(0, 19).replace("T", " ")} UTC`);
  if (row.cancel_after_s) told.push(`after ${row.cancel_after_s} s`);
  if (row.on_partial_fill === "cancel_rest") {
    told.push(`once filled in part${row.partial_timeout_s ? `, ${row.partial_timeout_s} s later` : ""}`);
  }
  return told.join("; ");
}

async function get(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function refresh() {
  const name = chosen();
  const query = `?account=${encodeURIComponent(name)}`;
  const [account, headroom, positions, orders, alerts, health] = await Promise.all([
    get("/api/account" + query),
    get("/api/headroom" + query),
    get("/api/positions" + query),
    get("/api/orders" + query + "&status=live&limit=50"),
    get("/api/risk/alerts" + query + "&limit=20"),
    get("/health"),
  ]);
  if (name !== chosen()) return;
  lastShown = Date.now();
  trouble = "";
  const market = health.market ?? "";
  $("market").textContent = market.startsWith("synthetic") ? `${market}: SYNTHETIC, made-up prices` : market;
  $("market").className = market.startsWith("synthetic") ? "warn" : "";
  serverAt = Date.parse((health.at ?? "").slice(0, 23) + "Z") || 0;
  serverHeard = performance.now();
  $("problems").textContent = (health.problems ?? []).join("; ");
  showAccount(account);
  showOwed(account);
  table("headroom", [
    ["limit or rule", (row) => (row.kind === "rule" ? `${row.check} (rule)` : row.check)],
    ["of", (row) => row.scope],
    ["used", (row) => figure(row, row.used), true],
    ["limit", (row) => figure(row, row.limit), true],
    ["acts at", (row) => (row.acts_at && row.acts_at !== row.limit ? figure(row, row.acts_at) : ""), true],
    ["left", (row) => figure(row, row.left), true],
    ["", bar],
  ], headroom.headroom, "no limits");
  table("positions", [
    ["symbol", (row) => row.symbol],
    ["side", (row) => row.side],
    ["qty", (row) => row.qty, true],
    ["entry", (row) => row.avg_entry_price, true],
    ["mark", (row) => row.mark_price, true],
    ["value", (row) => money(row.market_value), true],
    ["unrealized", (row) => toned(row.unrealized_pnl, true), true],
    ["worst case", (row) => `${row.lowest} to ${row.highest}`, true],
  ], positions.positions, "flat, nothing working");
  table("orders", [
    ["id", (row) => row.client_order_id],
    ["order", asked],
    ["limit", (row) => row.limit_price, true],
    ["stop", (row) => row.stop_price, true],
    ["filled", (row) => row.cum_qty, true],
    ["state", (row) => row.state],
    ["handling", (row) => element("span", row.handling, row.handling === "synthetic" ? "warn" : "")],
    ["waits for", (row) => row.waits_for || ""],
    ["ends", ends],
  ], orders.orders, "none");
  table("alerts", [
    ["at (UTC)", (row) => row.time.slice(0, 19).replace("T", " ")],
    ["severity", (row) => element("span", row.severity, row.severity === "INFO" ? "" : "bad")],
    ["what", (row) => row.alert_type],
    ["", (row) => row.message],
  ], alerts.alerts, "none");
}

// What happens is heard at once; what is shown is asked for, at most four times a second.
let due = 0;
function refreshSoon() {
  if (due) return;
  due = setTimeout(async () => {
    due = 0;
    try {
      await refresh();
    } catch (fault) {
      trouble = fault.message;
    }
  }, 250);
}

// Said once: a screen reader reads what changes, and not every half second that all is well.
function say(text, className) {
  if ($("link").textContent === text) return;
  $("link").textContent = text;
  $("link").className = className ?? "";
}

function listen() {
  socket?.close();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/ws?account=${encodeURIComponent(chosen())}`);
  socket = mine;
  mine.onmessage = () => {
    lastHeard = Date.now();
    refreshSoon();
  };
  mine.onclose = () => {
    if (socket === mine) setTimeout(listen, 1000);
  };
}

// Live means: heard of, and shown. Anything else is said, and the figures turn grey: nobody vouches for them any more.
setInterval(() => {
  const age = Math.round((Date.now() - Math.min(lastHeard, lastShown)) / 1000);
  const isStale = age > STALE_S;
  document.body.classList.toggle("stale", isStale);
  if (!isStale) say("live");
  else if (!lastShown) say(trouble ? `not shown: ${trouble}` : "connecting", "bad");
  else {
    say(`NOT LIVE: these figures are ${age} s old${trouble ? ` (${trouble})` : ""}`, "bad");
    document.title = "NOT LIVE · Stopline";
  }
  countDown();
}, 500);

async function start() {
  try {
    const accounts = Object.keys((await get("/health")).accounts ?? {});
    for (const name of accounts) $("account").append(element("option", name));
    if (!accounts.length) throw new Error("no account yet");
    $("account").onchange = () => { listen(); refreshSoon(); };
    listen();
    refreshSoon();
  } catch (fault) {
    trouble = fault.message;
    setTimeout(start, 1000);
  }
}

start();

// Dates as a reader in a given zone sees them, counted from release time (never from the browser's clock).

const cache = new Map();

function parts(seconds, zone) {
  if (!cache.has(zone)) {
    cache.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, weekday: "long", year: "numeric", month: "long", day: "numeric",
      hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }));
  }
  const found = {};
  for (const { type, value } of cache.get(zone).formatToParts(new Date(seconds * 1000))) found[type] = value;
  return found;
}

const dayNumber = (p) => Math.round(Date.parse(`${p.day} ${p.month} ${p.year} UTC`) / 86400000);

/** "today", "yesterday", "tomorrow" or nothing. */
export function nearDay(seconds, zone, now) {
  const away = dayNumber(parts(seconds, zone)) - dayNumber(parts(now, zone));
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[away] ?? "";
}

export function clockTime(seconds, zone) {
  const p = parts(seconds, zone);
  return `${p.hour}:${p.minute}`;
}

/** Wed 16 Dec 2026 */
export function dayWithYear(seconds, zone) {
  const p = parts(seconds, zone);
  return `${p.weekday.slice(0, 3)} ${p.day} ${p.month.slice(0, 3)} ${p.year}`;
}

/** Today, Yesterday, or Wed 16 Dec */
export function dayName(seconds, zone, now) {
  const near = nearDay(seconds, zone, now);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const p = parts(seconds, zone);
  return `${p.weekday.slice(0, 3)} ${p.day} ${p.month.slice(0, 3)}`;
}

export const sameDay = (a, b, zone) => dayNumber(parts(a, zone)) === dayNumber(parts(b, zone));

/** in 3 h 58 min */
export function howLong(seconds) {
  const minutes = Math.max(0, Math.round(seconds / 60));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const words = [d && `${d}\u00a0d`, h && `${h}\u00a0h`, m && d === 0 && `${m}\u00a0min`].filter(Boolean);
  return words.length ? words.join(" ") : "less than a minute";
}

/** The tokens of Slack's date markup, filled in for one reader. */
export function dateTokens(seconds, format, reader) {
  const { zone, now } = reader;
  const p = parts(seconds, zone);
  const thisYear = parts(now, zone).year === p.year;
  const year = thisYear ? "" : ` ${p.year}`;
  const near = nearDay(seconds, zone, now);
  const short = `${p.day} ${p.month.slice(0, 3)}`;
  const long = `${p.weekday}, ${p.day} ${p.month}`;
  const table = {
    date_num: () => `${p.year}-${String(monthNumber(p)).padStart(2, "0")}-${p.day.padStart(2, "0")}`,
    date: () => `${p.day} ${p.month} ${p.year}`, date_short: () => `${short} ${p.year}`, date_long: () => `${long} ${p.year}`,
    date_pretty: () => near || `${p.day} ${p.month}${year}`, date_short_pretty: () => near || short + year,
    date_long_pretty: () => near || long + year, time: () => `${p.hour}:${p.minute}`,
    time_secs: () => `${p.hour}:${p.minute}:${p.second}`,
    ago: () => (now >= seconds ? `${howLong(now - seconds)} ago` : `in ${howLong(seconds - now)}`),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => table[name]?.() ?? whole);
}

const monthNumber = (p) => new Date(Date.parse(`${p.day} ${p.month} ${p.year} UTC`)).getUTCMonth() + 1;

/** 2026-12-16T10:00 in a zone, as a field of the page wants it. */
export function localField(seconds, zone) {
  const p = parts(seconds, zone);
  return `${p.year}-${String(monthNumber(p)).padStart(2, "0")}-${p.day.padStart(2, "0")}T${p.hour}:${p.minute}`;
}

/** The other way: wall time in a zone to seconds; two rounds settle a change of summer time. */
export function fieldToSeconds(field, zone) {
  const wanted = Date.parse(`${field}:00Z`) / 1000;
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) guess += wanted - Date.parse(`${localField(guess, zone)}:00Z`) / 1000;
  return guess;
}

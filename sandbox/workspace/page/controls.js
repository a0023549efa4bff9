// The controls that hold a value: text, choices, people, dates. Each keeps its state in Slack's own shape in `ctx.values`.
import { el } from "./dom.js";
import { fieldToSeconds, localField } from "./dates.js";
import { textLine } from "./mrkdwn.js";

/** What a control says before anybody touched it. */
export function initialState(e) {
  const given = {
    value: e.initial_value ?? null, selected_option: e.initial_option ?? null, selected_options: e.initial_options ?? [],
    selected_user: e.initial_user ?? null, selected_users: e.initial_users ?? [], selected_conversation: e.initial_conversation ?? null,
    selected_conversations: e.initial_conversations ?? [], selected_channel: e.initial_channel ?? null, selected_channels: e.initial_channels ?? [],
    selected_date: e.initial_date ?? null, selected_time: e.initial_time ?? null, selected_date_time: e.initial_date_time ?? null,
  };
  const key = stateKey(e.type);
  return { type: e.type, [key]: given[key] };
}

export function stateKey(type) {
  return {
    radio_buttons: "selected_option", static_select: "selected_option", external_select: "selected_option", checkboxes: "selected_options",
    multi_static_select: "selected_options", users_select: "selected_user", multi_users_select: "selected_users",
    conversations_select: "selected_conversation", multi_conversations_select: "selected_conversations", channels_select: "selected_channel",
    multi_channels_select: "selected_channels", datepicker: "selected_date", timepicker: "selected_time", datetimepicker: "selected_date_time",
  }[type] ?? "value";
}

export const isControl = (type) => type in MAKERS;
export const isGroup = (type) => type === "radio_buttons" || type === "checkboxes" || type.startsWith("multi_");

/** Makes the control; `props` carry id and aria attributes; `changed(state, how)` hears each change. */
export function control(e, state, ctx, props, changed) {
  const set = (value, how = "change") => { state[stateKey(e.type)] = value; changed(state, how); };
  return MAKERS[e.type](e, state, ctx, { ...props, "data-action": e.action_id }, set);
}

function textInput(e, state, ctx, props, set) {
  const kind = { number_input: "number", email_text_input: "email", url_text_input: "url" }[e.type] ?? "text";
  const on = { input: (event) => set(event.target.value || null, "input"),
    keydown: (event) => { if (event.key === "Enter" && !e.multiline) set(event.target.value || null, "enter"); } };
  const all = { ...props, class: "field", value: state.value ?? "", placeholder: e.placeholder?.text, maxlength: e.max_length, autofocus: e.focus_on_load, on };
  return e.multiline ? el("textarea", { ...all, rows: 4 }) : el("input", { ...all, type: kind, autocomplete: "off", inputmode: kind === "number" ? "decimal" : null });
}

function options(e, ctx) {
  const own = (list) => list.map((o) => ({ key: o.value, label: o.text.text, value: o }));
  if (e.type.includes("users")) return ctx.people.map((p) => ({ key: p.id, label: `${p.name}, ${(p.title || "member").toLowerCase()}`, value: p.id }));
  if (e.type.includes("conversations") || e.type.includes("channels")) return ctx.channels.map((c) => ({ key: c.id, label: `#${c.name}`, value: c.id }));
  return e.option_groups ? e.option_groups.map((g) => ({ group: g.label.text, items: own(g.options) })) : own(e.options ?? []);
}

const keyOf = (value) => (value && typeof value === "object" ? value.value : value);

function select(e, state, ctx, props, set) {
  const chosen = keyOf(state[stateKey(e.type)]);
  const flat = new Map();
  const option = (o) => { flat.set(o.key, o.value); return el("option", { value: o.key, selected: o.key === chosen }, o.label); };
  const body = options(e, ctx).map((o) => (o.group ? el("optgroup", { label: o.group }, o.items.map(option)) : option(o)));
  const node = el("select", { ...props, class: "field", autofocus: e.focus_on_load, on: { change: (event) => set(flat.get(event.target.value) ?? null) } },
    el("option", { value: "", selected: !chosen }, e.placeholder?.text ?? "Choose…"), body);
  return node;
}

function group(e, state, ctx, props, set) {
  const many = stateKey(e.type).endsWith("s");
  const current = () => [].concat(state[stateKey(e.type)] ?? []).map(keyOf);
  const all = options(e, ctx).flatMap((o) => o.items ?? [o]);
  const pick = (o, on) => {
    if (!many) return set(o.value);
    const keep = new Set(current());
    if (on) keep.add(o.key); else keep.delete(o.key);
    return set(all.filter((x) => keep.has(x.key)).map((x) => x.value));
  };
  const { id, ...rest } = props;
  const scroll = e.type.startsWith("multi_") && all.length > 5;
  return el("div", { id, class: scroll ? "choices scroll" : "choices", role: many ? "group" : "radiogroup", ...rest }, all.map((o) => el("label", { class: "choice" },
    el("input", { type: many ? "checkbox" : "radio", name: props.id, value: o.key, checked: current().includes(o.key), "data-key": `${props["data-key"]}/${o.key}`,
      on: { change: (event) => pick(o, event.target.checked) } }),
    el("span", {}, typeof o.value === "object" ? textLine(o.value.text, ctx.reader) : o.label,
      o.value?.description && el("span", { class: "note-line" }, textLine(o.value.description, ctx.reader))))));
}

function picker(kind, toField, fromField) {
  return (e, state, ctx, props, set) => el("input", { ...props, class: "field short", type: kind, value: toField(state[stateKey(e.type)], ctx.reader.zone),
    on: { change: (event) => set(event.target.value ? fromField(event.target.value, ctx.reader.zone) : null) } });
}

const same = (value) => value ?? "";
const back = (value) => value;
const MAKERS = {
  plain_text_input: textInput, number_input: textInput, email_text_input: textInput, url_text_input: textInput,
  static_select: select, users_select: select, conversations_select: select, channels_select: select,
  radio_buttons: group, checkboxes: group, multi_static_select: group, multi_users_select: group, multi_conversations_select: group, multi_channels_select: group,
  datepicker: picker("date", same, back), timepicker: picker("time", same, back),
  datetimepicker: picker("datetime-local", (v, zone) => (v ? localField(v, zone) : ""), fieldToSeconds),
};

// The card's four frames: mounts them and hears from them whether they will do, never what is in them.

import { clearError, facts, showError } from './fields.js';

const body = document.querySelector('#cardFields');
const origin = new URL(facts.vault).origin;
const frames = new Map();

export const state = { session: '' };

// Empty frames for a new card session: the old ones and what was typed into them are gone.
export function mount(session) {
  state.session = session;
  frames.clear();
  const suffix = Math.random().toString(36).slice(2, 12);
  body.replaceChildren(...facts.cardFields.map(({ name, label, problem }) => {
    const frame = document.createElement('iframe');
    frame.className = 'card-fields-iframe';
    frame.id = frame.name = `card-fields-${name}-${suffix}`;
    frame.title = `Field container for: ${label}`;
    frame.setAttribute('allow', 'payment');
    frame.scrolling = 'no';
    frame.src = `${facts.vault}/${name}-ltr.html?identifier=${session}&locationURL=${encodeURIComponent(location.origin)}`;
    frames.set(name, { frame, empty: problem, settled: false, problem });
    const box = document.createElement('div');
    box.className = ['expiry', 'verification_value'].includes(name) ? 'card-field half' : 'card-field';
    box.append(frame);
    return box;
  }));
}

export function problems() {
  const found = {};
  for (const [name, each] of frames) {
    if (!each.settled || each.problem) found[name] = each.problem ?? each.empty;
  }
  return found;
}

export function clearErrors() {
  for (const [name, { frame }] of frames) {
    clearError(name);
    frame.contentWindow.postMessage({ invalid: false }, origin);
  }
}

export function showCardError(name, text) {
  const { frame } = frames.get(name);
  showError(frame.parentElement, name, text);
  frame.contentWindow.postMessage({ invalid: true }, origin);
}

export function focusCard(name) {
  frames.get(name).frame.contentWindow.postMessage({ invalid: true, focus: true }, origin);
}

export const isCardField = name => frames.has(name);

addEventListener('message', event => {
  if (event.origin !== origin) return;
  const known = frames.get(event.data.field);
  if (!known || known.frame.contentWindow !== event.source) return;
  Object.assign(known, { settled: event.data.settled, problem: event.data.problem });
  if (!event.data.settled) clearError(event.data.field);
});

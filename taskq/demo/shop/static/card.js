// The card's fields: four frames that tell the page whether they will do, never what is in them.

import { clearError, facts, showError } from './fields.js';
import { isCard, onChange } from './ways.js';

const body = document.querySelector('#cardFields');
const origin = new URL(facts.vault).origin;
const fields = new Map();

export const state = { session: '' };

function frame({ name, label, problem }, suffix) {
  const element = document.createElement('iframe');
  element.className = 'card-fields-iframe';
  element.id = element.name = `card-fields-${name}-${suffix}`;
  element.title = `Field container for: ${label}`;
  element.setAttribute('allow', 'payment');
  element.scrolling = 'no';
  element.src = `${facts.vault}/${name}-ltr.html?identifier=${state.session}&locationURL=${encodeURIComponent(location.origin)}`;
  const tell = message => element.contentWindow.postMessage(message, origin);
  return { element, tell, empty: problem, settled: false, problem };
}

// Some shops that look like Shopify's ask for the card in their own page.
function input({ name, label, problem, autocomplete }) {
  const element = Object.assign(document.createElement('input'), { id: name, name, type: 'text', autocomplete, placeholder: label });
  const tell = ({ invalid, focus }) => {
    element.setAttribute('aria-invalid', String(Boolean(invalid)));
    if (focus) element.focus();
  };
  const field = { element, tell, empty: problem, settled: false, problem };
  element.addEventListener('input', () => {
    Object.assign(field, { settled: element.value !== '', problem: null });
    tell({});
    clearError(name);
  });
  return field;
}

function box(about, field) {
  const element = document.createElement('div');
  element.className = ['expiry', 'verification_value'].includes(about.name) ? 'card-field half' : 'card-field';
  element.append(field.element);
  if (facts.cardFieldsIn === 'page') {
    element.classList.add('field');
    element.prepend(Object.assign(document.createElement('label'), { htmlFor: about.name, textContent: about.label }));
  }
  return element;
}

// Empty fields for a new card session: the old ones and what was typed into them are gone.
export function mount(session) {
  state.session = session;
  fields.clear();
  const suffix = Math.random().toString(36).slice(2, 12);
  const wanted = isCard() ? facts.cardFields : [];
  body.replaceChildren(...wanted.map(about => {
    const field = facts.cardFieldsIn === 'page' ? input(about) : frame(about, suffix);
    fields.set(about.name, field);
    return box(about, field);
  }));
  body.hidden = !isCard();
}

export function problems() {
  const found = {};
  for (const [name, each] of fields) {
    if (!each.settled || each.problem) found[name] = each.problem ?? each.empty;
  }
  return found;
}

// What was typed, where the page itself asked for it; of frames nobody here knows.
export function typed() {
  if (facts.cardFieldsIn !== 'page') return undefined;
  return Object.fromEntries([...fields].map(([name, { element }]) => [name, element.value]));
}

export function clearErrors() {
  for (const [name, { tell }] of fields) {
    clearError(name);
    tell({ invalid: false });
  }
}

export function showCardError(name, text) {
  const { element, tell } = fields.get(name);
  showError(element.parentElement, name, text);
  tell({ invalid: true });
}

export function focusCard(name) {
  fields.get(name).tell({ invalid: true, focus: true });
}

export const isCardField = name => fields.has(name);

onChange(() => mount(state.session));
addEventListener('message', event => {
  if (event.origin !== origin) return;
  const known = fields.get(event.data.field);
  if (!known || known.element.contentWindow !== event.source) return;
  Object.assign(known, { settled: event.data.settled, problem: event.data.problem });
  if (!event.data.settled) clearError(event.data.field);
});

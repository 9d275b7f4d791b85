// One card field: formats what is typed, gives it to the vault, tells the page only whether it will do.

const query = new URLSearchParams(location.search);
const session = query.get('identifier');
const page = query.get('locationURL');
const { field } = document.body.dataset;
const input = document.querySelector(`#${field}`);
const SETTLE_MS = 150;
const LATER_MS = 1000;

const formats = {
  number: text => text.replace(/\D/g, '').slice(0, 19).replace(/(\d{4})(?=\d)/g, '$1 '),
  expiry: text => {
    let digits = text.replace(/^(\d)\s*\//, '0$1/').replace(/\D/g, '').slice(0, 6);
    if (/^[2-9]/.test(digits)) digits = `0${digits}`;
    digits = digits.replace(/^(\d\d)20(\d\d)$/, '$1$2');
    return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
  },
  verification_value: text => text.replace(/\D/g, '').slice(0, 4),
  name: text => text,
};

function tell(state) {
  parent.postMessage({ field, ...state }, page);
}

let timer;
let posting;

async function deliver() {
  posting?.abort();
  posting = new AbortController();
  const body = JSON.stringify({ field, value: input.value });
  const headers = { 'Content-Type': 'application/json' };
  try {
    const answer = await fetch(`/sessions/${session}`, { method: 'POST', headers, body, signal: posting.signal });
    const { problem, error } = await answer.json();
    tell({ settled: !error, filled: input.value !== '', problem: problem ?? error ?? null });
  } catch (error) {
    if (error.name !== 'AbortError') timer = setTimeout(deliver, LATER_MS);
  }
}

function typed() {
  const atEnd = input.selectionStart === input.value.length;
  const formatted = formats[field](input.value);
  if (formatted !== input.value && atEnd) input.value = formatted;
  input.setAttribute('aria-invalid', 'false');
  tell({ settled: false, filled: input.value !== '', problem: null });
  clearTimeout(timer);
  posting?.abort();
  timer = setTimeout(deliver, SETTLE_MS);
}

input.addEventListener('input', typed);
document.querySelector('form').addEventListener('submit', event => event.preventDefault());
addEventListener('message', event => {
  if (event.origin !== page || event.source !== parent) return;
  input.setAttribute('aria-invalid', String(Boolean(event.data.invalid)));
  if (event.data.focus) input.focus();
});

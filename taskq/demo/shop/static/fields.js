// The form's fields by name, without the clones, and the errors beneath them.

export const facts = JSON.parse(document.querySelector('#facts').textContent);
export const form = document.querySelector('form');
export const pause = ms => new Promise(done => setTimeout(done, ms));

const NAMES = ['email', 'countryCode', 'firstName', 'lastName', 'company', 'address1', 'address2', 'city', 'zone', 'postalCode', 'phone'];

export const field = name => form.querySelector(`[name="${name}"][autocomplete^="shipping"]`);
export const country = () => facts.countries[field('countryCode').value];

export function values() {
  return Object.fromEntries(NAMES.map(name => [name, field(name)?.value.trim() ?? '']));
}

export function problems() {
  const entered = values();
  const found = {};
  for (const [name, text] of Object.entries(facts.problems)) {
    if (field(name) && !entered[name]) found[name] = text;
  }
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(entered.email)) found.email = facts.problems.email;
  const postal = new RegExp(`^(?:${country().postalPattern})$`, 'i');
  if (entered.postalCode && !postal.test(entered.postalCode)) found.postalCode = `Enter a valid ${country().postalLabel}`;
  return found;
}

export function showError(box, id, text) {
  clearError(id);
  box.append(Object.assign(document.createElement('p'), { id: `error-for-${id}`, className: 'error', textContent: text }));
}

export function clearError(id) {
  document.getElementById(`error-for-${id}`)?.remove();
}

export function showFieldError(input, text) {
  showError(input.closest('.field'), input.id, text);
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', `error-for-${input.id}`);
}

export function clearFieldError(input) {
  clearError(input.id);
  input.removeAttribute('aria-invalid');
  input.removeAttribute('aria-describedby');
}

form.addEventListener('input', event => {
  if (event.target.closest('.field')) clearFieldError(event.target);
});

// A value that cannot be meant is told of when its field is left; an empty one only at the end.
form.addEventListener('focusout', ({ target }) => {
  const text = target.closest('.field') && target.value?.trim() && problems()[target.name];
  if (text) showFieldError(target, text);
});

// The ways to pay: where there are several, the card's fields are there only while the card is chosen.

const radios = [...document.querySelectorAll('[name=basic]')];

export const isCard = () => radios.length === 0 || radios.find(each => each.checked)?.value === 'creditCards';
export const chosen = () => (isCard() ? 'card' : 'cash');

export function onChange(tell) {
  for (const each of radios) each.addEventListener('change', tell);
}

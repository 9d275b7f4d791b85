// The data behind the pages: one address, an operation by name.

export async function ask(operationName, variables) {
  const answer = await fetch('/go/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': 'x' },
    body: JSON.stringify({ operationName, variables }),
  });
  if (!answer.ok) throw new Error(`${operationName}: ${answer.status}`);
  return answer.json();
}

export const place = name => JSON.parse(new URLSearchParams(location.search).get(name) ?? 'null');

export function make(tag, properties = {}, ...children) {
  const { data = {}, role, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(data)) element.setAttribute(name, value);
  if (role) element.setAttribute('role', role);
  element.append(...children);
  return element;
}

// One of a list, chosen by a click or by Enter.
export function option(properties, onChoose, ...children) {
  const made = make('li', { role: 'option', tabIndex: 0, ...properties }, ...children);
  made.addEventListener('click', onChoose);
  made.addEventListener('keydown', event => {
    if (event.key === 'Enter') onChoose();
  });
  return made;
}

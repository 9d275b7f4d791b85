// What has become of the ride: asked again and again until it is known.

import { ask } from './graph.js';

const LATER_MS = 1000;
const trip = document.querySelector('#trip');

async function look() {
  let found;
  try {
    found = await ask('GetStatus', { uuid: trip.dataset.id });
  } catch {
    setTimeout(look, LATER_MS);
    return;
  }
  trip.dataset.status = found.clientStatus;
  document.querySelector('#status').textContent = found.words;
  if (found.driver) document.querySelector('#driver').textContent = `${found.driver} · ${found.vehicle} · ${found.eta}`;
  if (found.clientStatus === 'Looking') setTimeout(look, found.pollingIntervalMs);
}

if (['Looking', 'WaitingForPickup'].includes(trip.dataset.status)) look();

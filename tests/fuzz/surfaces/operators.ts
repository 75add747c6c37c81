// What is there for operators and for those who look an address up: metrics and health, the contact page, the status socket.

import { converse, dialTcp, dialUnix, statusOf } from '../conversation.ts';
import { ownRequests } from '../corpus/http.ts';
import { drawBytes } from '../mutate.ts';
import { inputs, type Surface } from '../surface.ts';

const REQUESTS = ownRequests('relay', ['/metrics', '/healthz', '/readyz', '/no-such']);
const PAGES = ownRequests('relay', ['/', '/favicon.ico']);
const REQUESTS_ON_ONE = 12;

const operations: Surface = {
  weight: 20,
  hands: 3,
  round: async (round) => {
    const { entry, exit, paid } = round.target;
    const place = round.random.pick([entry, exit, paid]).operations;
    const socket = await dialTcp(place, round.localAddress);
    await converse(socket, inputs(round, 'text', REQUESTS, REQUESTS_ON_ONE), round, statusOf);
  },
};

const contact: Surface = {
  weight: 5,
  hands: 2,
  round: async (round) => {
    const socket = await dialTcp(round.target.entry.contact, round.localAddress);
    await converse(socket, inputs(round, 'text', PAGES, 3), round, statusOf);
  },
};

const status: Surface = {
  weight: 1,
  hands: 1,
  round: async (round) => {
    const socket = await dialUnix(round.target.entry.status);
    await converse(socket, [drawBytes(round.random, round.random.between(1, 3_000))], round, (answer) =>
      answer[0] === 0x7b ? 'status' : 'bytes',
    );
  },
};

export const OPERATORS = {
  'metrics and health': operations,
  'contact page': contact,
  'status socket': status,
};

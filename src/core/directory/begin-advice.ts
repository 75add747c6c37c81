// What can be wrong with a place to begin, in words: those of the popup, where it is typed, and of the page that scans it.

import type { BeginErrorCode } from './begin-error.ts';

export const BEGIN_ADVICE: Readonly<Record<BeginErrorCode, string>> = {
  'begin-too-long': 'This is longer than any address or name.',
  'begin-not-an-address':
    'This is no address of a relay. One begins with /dns4/, /dns6/ or /ip4/, as the relay’s operator gives it.',
  'begin-no-wss':
    'A browser reaches a relay by WebSocket over TLS alone: the address has to end with /tls/ws, or with the peer id after it.',
  'begin-not-own-name': 'The name in this address is not a relay’s own, which begins with its address and its peer id.',
  'begin-wrong-peer': 'The parts of this address belong to different relays.',
  'begin-private-network': 'One of the addresses is on a private network. Relays are on the Internet.',
  'begin-not-a-name': 'This is no DNS name.',
  'begin-not-a-resolver': 'A resolver is an address that begins with https:// and has a name in it.',
  'begin-no-resolver': 'Names need a resolver to ask: the browser does not look such records up by itself.',
  'begin-too-many': 'These are too many.',
  'begin-unreachable': 'Nobody answered.',
  'begin-bad-answer': 'What came was no answer to the question.',
  'begin-no-records': 'There is no such name, or it leads to no relay.',
};

// A renewal window (ARI, RFC 9773) in front of an authority that has none, as pebble 2.4.

import type { Front, FrontRequest } from './https-front.ts';
import { PEBBLE_NAME } from './pebble.ts';

/** Has an authority say when to renew. @param name by which it is asked. Returns the certificates that it is asked about. */
export function offerWindow(
  authority: Front,
  { start, end }: { start: number; end: number },
  name = PEBBLE_NAME,
): string[] {
  const asked: string[] = [];
  const suggestedWindow = { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  authority.answer = ({ path }) => {
    if (!path.startsWith('/ari/')) return undefined;
    asked.push(path.slice('/ari/'.length));
    return { status: 200, headers: { 'retry-after': '60' }, body: JSON.stringify({ suggestedWindow }) };
  };
  const renewalInfo = `https://${name}:${authority.port}/ari`;
  authority.changeAnswer = ({ path }, answer) =>
    path === '/dir'
      ? { ...answer, body: JSON.stringify({ ...(JSON.parse(answer.body) as object), renewalInfo }) }
      : answer;
  return asked;
}

/** Of a signed request. */
export function payloadOf({ body }: FrontRequest): object {
  const { payload } = JSON.parse(body) as { payload: string };
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
}

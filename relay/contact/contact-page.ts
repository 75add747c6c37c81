// What somebody reads who found this relay's address in a log and opens it: what it is, whose it is, and whom to write to. Plain text: nothing in it can be anything else in a browser.
// Served by serve-contact.ts, and at the relay's own name by relay/entry/own-name.ts and relay/exit/serve.ts.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContactConfig } from '../config/contact.ts';

export type ContactFacts = {
  contact: ContactConfig;
  operator: string;
  /** Its name, so that a report can say which relay. */
  peer: string;
  roles: { entry: boolean; exit: boolean };
};

export function contactText({ contact, operator, peer, roles }: ContactFacts): string {
  return [
    'This is a relay of the CONET private browsing network.',
    '',
    ...(roles.exit
      ? [
          'It passes on what people do in their browsers: connections that come from this address are those of its users,',
          'and not of its operator. It does not know who they are: they come through another relay, of another operator.',
          'It keeps no record of who connected where.',
        ]
      : []),
    ...(roles.entry
      ? ['It lets people into the network. It opens no connections to sites, and does not know which they visit.']
      : []),
    '',
    `Operator: ${operator}`,
    `Relay: ${peer}`,
    `Contact for reports of abuse: ${contact.abuse}`,
    ...(contact.note === undefined ? [] : ['', contact.note]),
    '',
  ].join('\n');
}

/** GET and HEAD of any path; the connection ends with the answer. */
export function answerContact(request: IncomingMessage, response: ServerResponse, text: string): void {
  const isAsked = request.method === 'GET' || request.method === 'HEAD';
  const body = isAsked ? text : 'only GET\n';
  request.resume();
  response.writeHead(isAsked ? 200 : 405, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
    connection: 'close',
  });
  response.end(body);
}

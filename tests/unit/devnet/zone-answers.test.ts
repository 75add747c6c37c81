// The devnet's name server answers circuit names by the grammar and nothing else: a browser that is told too much hides leaks.

import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerMessage, answerQuestion, RCODE, type ZoneData } from '../../../devnet/zone-answers.ts';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';

const PEER = 'k51qzi5uqu5dlwfht6wwy7lp4z35bgytksvp5sg53fdhcocmirjepowgifkxqd';
const data: ZoneData = {
  zones: ['north.zone.test', 'south.zone.test'],
  sites: { domain: 'demo.test', hosts: new Map([['news.demo.test', '127.0.2.1']]) },
};
const ask = (name: string, type = 'A') => answerQuestion(data, { name, type });

describe('circuit names', () => {
  test('answer the address in their first label, in any letter case, in the one family it has', () => {
    expect(ask(`127-0-1-1.${PEER}.north.zone.test`).addresses).toEqual([{ type: 'A', data: '127.0.1.1' }]);
    expect(ask(`127-0-1-1.${PEER.toUpperCase()}.SOUTH.zone.test.`).addresses).toEqual([
      { type: 'A', data: '127.0.1.1' },
    ]);
    expect(ask(`0--1.${PEER}.north.zone.test`, 'AAAA').addresses).toEqual([{ type: 'AAAA', data: '::1' }]);
  });

  test.each(['AAAA', 'HTTPS', 'UNKNOWN_65', 'TXT'])('exist without an answer of type %s', (type) => {
    expect(ask(`127-0-1-1.${PEER}.north.zone.test`, type)).toMatchObject({ rcode: RCODE.noError, addresses: [] });
  });

  test.each([
    `127-0-1-256.${PEER}.north.zone.test`,
    `127-0-1-1.nobody.north.zone.test`,
    `${PEER}.north.zone.test`,
    `deep.127-0-1-1.${PEER}.north.zone.test`,
    `127-0-1-1.${PEER}.x.north.zone.test`,
  ])('%s does not exist', (name) => {
    expect(ask(name).rcode).toBe(RCODE.nxDomain);
  });

  test('of every IPv4 address and zone read back as that address', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom(...data.zones), (address, zone) => {
        expect(ask(formatCircuitName({ address, peer: PEER, zone })).addresses).toEqual([{ type: 'A', data: address }]);
      }),
    );
  });
});

test('demo hosts are answered, others of the domain do not exist, foreign names are refused', () => {
  expect(ask('news.demo.test').addresses).toEqual([{ type: 'A', data: '127.0.2.1' }]);
  expect(ask('nope.demo.test').rcode).toBe(RCODE.nxDomain);
  for (const foreign of ['example.com', 'notdemo.test', 'demo.test.example.com', 'test']) {
    expect(ask(foreign).rcode, foreign).toBe(RCODE.refused);
  }
});

describe('messages', () => {
  test('keep their id and question, carry the answer, and are noted', () => {
    const seen: unknown[] = [];
    const query = dnsPacket.encode({ type: 'query', id: 4711, questions: [{ type: 'A', name: 'News.demo.test' }] });
    const reply = dnsPacket.decode(answerMessage(data, query, (question) => seen.push(question)) ?? Buffer.alloc(0));
    expect(reply).toMatchObject({ id: 4711, type: 'response', flag_aa: true });
    expect(reply.answers).toMatchObject([{ type: 'A', name: 'News.demo.test', data: '127.0.2.1' }]);
    expect(seen).toEqual([{ name: 'news.demo.test', type: 'A' }]);
  });

  test('a name without an answer carries the SOA that lets it be kept', () => {
    const query = dnsPacket.encode({ type: 'query', id: 1, questions: [{ type: 'AAAA', name: 'news.demo.test' }] });
    const reply = dnsPacket.decode(answerMessage(data, query, () => undefined) ?? Buffer.alloc(0));
    expect(reply.authorities).toMatchObject([{ type: 'SOA', name: 'demo.test' }]);
  });

  test('of any bytes are answered or dropped, never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        answerMessage(data, bytes, () => undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

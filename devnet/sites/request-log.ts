// What the demo sites saw: one record per request, in memory. The walk and the tests read it; nothing is written to disk.

/** What in a page asked. `other` is everything a page does not label: icons, scripts, what a person types. */
export const KINDS = [
  'page',
  'image',
  'fetch',
  'websocket',
  'events',
  'video',
  'download',
  'service-worker',
  'shared-image',
] as const;

export type Kind = (typeof KINDS)[number] | 'other';

export type SeenRequest = {
  at: number;
  host: string;
  path: string;
  kind: Kind;
  /** One page load: the server draws it, the page's requests carry it. */
  visit: string | undefined;
  /** Who the site sees: the address of the TCP connection. */
  address: string;
  protocol: 'h2' | 'http/1.1' | 'websocket';
  secure: boolean;
};

/** A demo is watched for hours; older records go first. */
const MAX_RECORDS = 20_000;

export type RequestLog = {
  records: readonly SeenRequest[];
  add(record: SeenRequest): void;
  /** The addresses each kind of one visit came from, in the order of `KINDS`; kinds not seen are left out. */
  ofVisit(visit: string): Partial<Record<Kind, string[]>>;
};

export function createRequestLog(): RequestLog {
  const records: SeenRequest[] = [];
  return {
    records,
    add: (record) => {
      records.push(record);
      if (records.length > MAX_RECORDS) records.shift();
    },
    ofVisit: (visit) => {
      const seen: Partial<Record<Kind, string[]>> = {};
      for (const kind of KINDS) {
        const ofKind = records.filter((record) => record.visit === visit && record.kind === kind);
        if (ofKind.length > 0) seen[kind] = [...new Set(ofKind.map((record) => record.address))];
      }
      return seen;
    },
  };
}

export function toKind(text: string | null): Kind {
  return KINDS.find((kind) => kind === text) ?? 'other';
}

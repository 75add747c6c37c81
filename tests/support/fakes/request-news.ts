// A browser that tells news of requests, one by one, to a count that may die and be read again.

import { parseTraffic } from '../../../src/core/traffic/parse-traffic.ts';
import type { AnswerBody, RequestNews } from '../../../src/core/traffic/request-news.ts';
import { NO_TRAFFIC, TrafficCount, type Total, type Way } from '../../../src/core/traffic/traffic-count.ts';

export const ENTRY = '192.0.2.1';
export const OTHER = '198.51.100.1';

export class Browser {
  count = new TrafficCount(NO_TRAFFIC);
  now = 1_000;
  way: Way = 'always';
  private ids = 0;

  constructor() {
    this.count.know([ENTRY, OTHER]);
  }

  begin(more: Partial<Extract<RequestNews, { is: 'begun' }>> = {}): string {
    const id = String((this.ids += 1));
    this.tell({ id, tab: 7, at: this.now, is: 'begun', sends: false, isSocket: false, isPage: false, ...more });
    return id;
  }

  answer(id: string, body: AnswerBody, address: string | null = ENTRY): void {
    this.tell({ id, tab: 7, at: this.now, is: 'answered', address: address ?? undefined, body });
  }

  end(id: string, how: 'whole' | 'redirected' | 'failed' = 'whole', size?: number): void {
    this.tell({ id, tab: 7, at: this.now, is: 'ended', how, ...(size === undefined ? {} : { size }) });
  }

  /** A whole request. */
  get(body: AnswerBody, address: string | null = ENTRY): void {
    const id = this.begin();
    this.answer(id, body, address);
    this.end(id);
  }

  total(entry = ENTRY): Total {
    return this.count.total(entry, this.now)!;
  }

  /** The worker dies and another one reads what was stored. */
  restart(): void {
    this.count = new TrafficCount(parseTraffic(JSON.parse(JSON.stringify({ ...this.count.state, epoch: 'e' }))));
  }

  private tell(news: RequestNews): void {
    this.count.take(news, this.way);
  }
}

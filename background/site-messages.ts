// What the popup, the page's menu and our page in the place of another ask about rules for sites: each is stored in its turn, and put into force. Built in background/app.ts.

import { SiteError } from '../src/core/state/site-error.ts';
import type { MessageData, MessageReply, SitesView } from '../src/messages/protocol.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { SiteRulesJob } from './site-rules.ts';

type SiteMessage = 'sites/read' | 'sites/set-rule' | 'sites/remove' | 'sites/import';

export type SiteHandlers = {
  [T in SiteMessage]: (data: MessageData<T>) => Promise<MessageReply<T>>;
} & Pick<SiteRulesJob, 'openNormal' | 'privateOnce'>;

export type SiteMessagesDeps = {
  siteRules: SiteRulesJob;
  /** As in the view. */
  countries: () => Promise<SitesView['exits']>;
  enqueue: (job: () => Promise<void>) => Promise<void>;
  reconcile: () => Promise<void>;
};

export function createSiteMessages({ siteRules, countries, enqueue, reconcile }: SiteMessagesDeps): SiteHandlers {
  const inTurn = async (job: () => Promise<void>): Promise<void> => {
    try {
      await enqueue(job);
    } catch (error) {
      throw error instanceof SiteError ? new MessageError(error.code, { cause: error }) : error;
    }
    // Answered when it holds.
    await reconcile();
  };
  const answer = async (job: () => Promise<void>): Promise<MessageReply<'sites/read'>> => {
    await inTurn(job);
    return { ...(await siteRules.view()), exits: await countries() };
  };
  return {
    'sites/read': () => answer(() => Promise.resolve()),
    'sites/set-rule': (rule) => answer(() => siteRules.set(rule)),
    'sites/remove': ({ host }) => answer(() => siteRules.remove(host)),
    'sites/import': ({ rules }) => answer(() => siteRules.add(rules)),
    openNormal: (tab) => inTurn(() => siteRules.openNormal(tab)),
    privateOnce: (tab) => siteRules.privateOnce(tab),
  };
}

// The form of Chrome's declarativeNetRequest rules, as far as the steering uses it.

/** Of a response, before the browser looks at it. */
export type HeaderChange = { header: string; operation: 'remove' };

/** `chrome.declarativeNetRequest.Rule`, the part that is used. Domains match themselves and everything below them. */
export type BlockingRule = {
  id: number;
  priority: number;
  action: { type: 'block' | 'allow' } | { type: 'modifyHeaders'; responseHeaders: HeaderChange[] };
  condition: {
    requestDomains?: string[];
    excludedRequestDomains?: string[];
    initiatorDomains?: string[];
    excludedInitiatorDomains?: string[];
    urlFilter?: string;
    regexFilter?: string;
    tabIds?: number[];
    resourceTypes: string[];
  };
};

export type BlockingRules = { dynamic: BlockingRule[]; session: BlockingRule[] };

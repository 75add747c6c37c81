// The state of a tab in plain words, and one line of advice for each thing that can be wrong. Shown by popup and badge.

import type { BlockedReason, TabStatus } from '../state/tab-status.ts';

export type Words = { headline: string; sentence: string; advice: string | undefined };

export function statusWords(status: TabStatus): Words {
  switch (status.is) {
    case 'off':
      return {
        headline: 'this tab is not private',
        sentence: 'Sites see your own address, and your network sees which sites you visit.',
        advice: undefined,
      };
    case 'connecting':
      return {
        headline: 'connecting',
        sentence: 'The circuit is being built and checked. Nothing of this tab goes out any other way.',
        advice: undefined,
      };
    case 'private':
      return {
        headline: 'this tab is private',
        sentence: 'Sites see the address of the exit. No relay knows both you and the site.',
        advice: undefined,
      };
    case 'blocked': {
      const { sentence, advice } = blockedWords(status.why, status.name);
      return { headline: 'this tab is blocked', sentence, advice };
    }
  }
}

function blockedWords(why: BlockedReason, name: string | undefined): { sentence: string; advice: string } {
  switch (why) {
    case 'offline':
      return { sentence: 'Your computer is offline.', advice: 'It goes on by itself once there is a network.' };
    case 'no-relays':
      return {
        sentence: 'No relays are known.',
        advice: 'Name a place to begin under “Relays”, or update the extension.',
      };
    case 'no-pair':
      return {
        sentence: 'The known relays do not make a circuit of three different operators.',
        advice: 'Wait for more relays. A circuit of fewer operators would not be private.',
      };
    case 'no-wish':
      return { sentence: 'No relays fit your wishes.', advice: 'Loosen them under “Relays”.' };
    case 'wishes-lost':
      return { sentence: 'Your wishes about relays cannot be read.', advice: 'Set them again under “Relays”.' };
    case 'none-fresh':
      return {
        sentence: 'Every circuit there is was used by an earlier identity.',
        advice: 'Restart the browser: then nothing is left by which an exit could join the two.',
      };
    case 'entry-unreachable':
      return {
        sentence: 'None of the entry relays can be reached.',
        advice: 'Check your connection, or a firewall that blocks unusual ports.',
      };
    case 'payment-needed':
      return {
        sentence: 'The relays want to be paid, and the free data of today is used up.',
        advice: 'Make a deposit in this window, or come back tomorrow.',
      };
    case 'entry-refused':
      return {
        sentence: 'The entry relays do not serve this browser now.',
        advice: 'It is tried again with other relays.',
      };
    case 'check-unreachable':
      return {
        sentence: 'The circuit was built, but no answer came back through it.',
        advice: 'It is tried again with other relays. Nothing of the tab gets out meanwhile.',
      };
    case 'check-certificate':
      return {
        sentence: 'What answered for the exit could not prove that it is the exit.',
        advice: 'It is tried again with other relays. If it stays so, your network may be intercepting connections.',
      };
    case 'check-entry':
      return {
        sentence: 'The circuit led through another entry than the chosen one.',
        advice:
          'It is tried again with other relays. If it stays so, your network may be redirecting connections; try another one.',
      };
    case 'check-refused':
      return {
        sentence: 'Somebody other than the chosen exit answered the check.',
        advice: 'Your network may be intercepting connections. Do not rely on it; try another one.',
      };
    case 'too-slow':
      return { sentence: 'The relays took too long.', advice: 'Your connection may be slow. It is tried again.' };
    case 'other-extension':
      return {
        sentence: `${name ?? 'Another extension'} controls the browser’s proxy.`,
        advice: `Turn off ${name ?? 'that extension'}, or its proxy, to use private tabs.`,
      };
    case 'rival':
      return {
        sentence: `${name ?? 'Another extension'} may take the browser’s proxy at any moment. What this tab asks for would go its way for an instant, before the browser tells anybody.`,
        advice: `Turn off ${name ?? 'that extension'} while you browse privately.`,
      };
    case 'managed':
      return {
        sentence: 'Your administrator has fixed the browser’s proxy.',
        advice: 'Private tabs cannot work in this browser profile.',
      };
    case 'user-proxy':
      return {
        sentence: 'You have set a proxy of your own, which is left as it is.',
        advice: 'Set the browser’s proxy to none to use private tabs.',
      };
    case 'forbidden':
      return {
        sentence: 'The browser does not let the extension set a proxy.',
        advice: 'In the settings of add-ons, allow it to “Run in Private Windows”.',
      };
    case 'privacy-setting':
      return {
        sentence: `${name ?? 'Another extension or a policy'} keeps WebRTC or page prediction on, which would show your address.`,
        advice: `Turn off ${name ?? 'the extension that manages WebRTC or prediction'}, or set it to protect you.`,
      };
    case 'steering-failed':
      return {
        sentence: 'The browser did not accept the routing of private tabs.',
        advice: 'Restart the browser. If it stays like this, please report it.',
      };
  }
}

// What a browser does ahead of a request, or beside it: connections, names, pages that nobody asked for yet, reports, WebRTC.

import { STUN_PORT } from '../../../devnet/laboratory/plan.ts';
import type { Vector } from './vector.ts';

const NO_RULES = {
  chromium: 'a Chromium that is driven makes none, without protection either: nothing would be shown',
  firefox: 'has no speculation rules',
};

const peer = (urls: string): string => `
  const peer = new RTCPeerConnection({ iceServers: [{ urls: ${urls}, username: 'u', credential: 'c' }] });
  window.peers = [...(window.peers ?? []), peer];
  peer.createDataChannel('leak');
  peer.createOffer().then((offer) => peer.setLocalDescription(offer))`;

export const AHEAD: readonly Vector[] = [
  { name: 'preconnect', page: `head('link', { rel: 'preconnect', href: url('') })` },
  {
    name: 'dns-prefetch',
    page: `head('link', { rel: 'dns-prefetch', href: url('') })`,
    notApplicable: { firefox: 'does none from a page that came over https' },
  },
  { name: 'prefetch', page: `head('link', { rel: 'prefetch', href: url('/a.js') })` },
  { name: 'preload', page: `head('link', { rel: 'preload', as: 'image', href: url('/a.svg') })` },
  { name: 'modulepreload', page: `head('link', { rel: 'modulepreload', href: url('/a.js') })` },
  {
    name: 'speculative prefetch',
    page: `head('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', urls: [url('/')] }] }) })`,
    notApplicable: NO_RULES,
  },
  {
    name: 'prerender',
    // Only pages of the same origin are; what such a page loads is the vector.
    page: `
      const page = '/html?body=' + encodeURIComponent('<img src="' + url('/a.svg') + '">');
      head('script', { type: 'speculationrules', textContent: JSON.stringify({ prerender: [{ source: 'list', urls: [page] }] }) })`,
    notApplicable: NO_RULES,
  },
  { name: 'link header', page: `add('iframe', { src: '/link-header?u=' + encodeURIComponent(url('/a.svg')) })` },
  { name: 'CSP report-uri', page: `add('iframe', { src: '/csp?u=' + encodeURIComponent(url('/report')) })` },
  { name: 'CSP report-to', page: `add('iframe', { src: '/csp-to?u=' + encodeURIComponent(url('/report')) })` },
  {
    name: 'network error log',
    page: `add('iframe', { src: '/nel?u=' + encodeURIComponent(url('/report')) })`,
    notApplicable: { firefox: 'network.http.network_error_logging.enabled is off' },
  },
  { name: 'WebRTC, STUN', page: peer(`'stun:' + aim + ':${STUN_PORT}'`) },
  { name: 'WebRTC, TURN over UDP', page: peer(`'turn:' + aim + ':${STUN_PORT}?transport=udp'`) },
  {
    name: 'WebRTC, TURN over TCP',
    page: peer(`'turn:' + aim + ':${STUN_PORT}?transport=tcp'`),
  },
  {
    name: 'WebRTC, TURN over TCP, from a new frame',
    page: `
      const frame = document.body.appendChild(document.createElement('iframe'));
      const servers = [{ urls: 'turn:' + aim + ':${STUN_PORT}?transport=tcp', username: 'u', credential: 'c' }];
      const peer = new frame.contentWindow.RTCPeerConnection({ iceServers: servers });
      window.peers = [...(window.peers ?? []), peer];
      peer.createDataChannel('leak');
      peer.createOffer().then((offer) => peer.setLocalDescription(offer))`,
  },
];

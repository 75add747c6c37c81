// Takes WebRTC out of a page's world, as in a browser built without it: pages that look for it say that calls do not work here.
// Only for Chrome, where a page can make the local resolver look up any name by naming it as a TURN server, whatever the WebRTC policy and
// the proxy say (measured on 156), and reach a host that goes direct for a normal tab.

const NAMES = ['RTCPeerConnection', 'webkitRTCPeerConnection'];

export function hasPeerConnections(view: object): boolean {
  return NAMES.some((name) => name in view);
}

export function takePeerConnections(): void {
  for (const name of NAMES) Reflect.deleteProperty(globalThis, name);
}

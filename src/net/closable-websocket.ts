// A WebSocket that js-libp2p can abort. Its WebSocket transport closes an aborted connection with code 1006, which the API refuses
// (InvalidAccessError), so the socket stayed open on both sides (@libp2p/websockets 10.1.21, websocket-to-conn.ts, sendReset).

/** Codes from 4000 are free for applications (RFC 6455 §7.4.2). */
const ABORTED = 4000;

export class ClosableWebSocket extends WebSocket {
  override close(code?: number, reason?: string): void {
    super.close(code === 1006 ? ABORTED : code, reason);
  }
}

/** The transport takes the global class. Only for a worker, whose globals are ours alone. */
export function installClosableWebSocket(): void {
  globalThis.WebSocket = ClosableWebSocket;
}

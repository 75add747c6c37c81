// A second reader of ClientHellos, written another way (all at once, over a DataView, as a server would that takes whatever it can):
// what relay code accepts must be what this reads. Undefined where it finds no name.

export function referenceServerName(bytes: Uint8Array): string | undefined {
  try {
    return nameIn(messageOf(bytes));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The first handshake message, taken out of as many records as it needs. */
function messageOf(bytes: Uint8Array): DataView {
  const view = viewOf(bytes);
  const payload: number[] = [];
  for (let at = 0; payload.length < 4 || payload.length < 4 + length24(payload);) {
    if (view.getUint8(at) !== 22) throw new RangeError('no handshake');
    const length = view.getUint16(at + 3);
    for (let i = 0; i < length; i += 1) payload.push(view.getUint8(at + 5 + i));
    at += 5 + length;
  }
  return viewOf(Uint8Array.from(payload.slice(0, 4 + length24(payload))));
}

function nameIn(message: DataView): string | undefined {
  if (message.getUint8(0) !== 1) return undefined;
  let at = 4 + 2 + 32;
  at += 1 + message.getUint8(at);
  at += 2 + message.getUint16(at);
  at += 1 + message.getUint8(at);
  const end = at + 2 + message.getUint16(at);
  at += 2;
  while (at < end) {
    const type = message.getUint16(at);
    const length = message.getUint16(at + 2);
    if (type === 0) {
      const nameLength = message.getUint16(at + 7);
      const codes = Array.from({ length: nameLength }, (_, i) => message.getUint8(at + 9 + i));
      return String.fromCharCode(...codes).toLowerCase();
    }
    at += 4 + length;
  }
  return undefined;
}

function length24(payload: number[]): number {
  return payload[1]! * 65_536 + payload[2]! * 256 + payload[3]!;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

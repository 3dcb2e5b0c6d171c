/** Puts the results of events into messages of graphql-transport-ws. */
import { MessageType } from 'graphql-ws';
import type { Outlet } from '../operation/execute.js';
import type { SendBuffer } from './send-buffer.js';

/** @param id the operation's, as its client chose it */
export function outletOf(id: string, sendBuffer: SendBuffer): Outlet {
  // The JSON of the result is the last value of the message, whatever the id contains.
  const start = `{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`;
  return {
    room: () => sendBuffer.room(),
    sendEvent: (json) =>
      sendBuffer.sendInTurn(() => {
        const payload = json();
        return payload === undefined ? undefined : `${start}${payload}}`;
      }),
  };
}

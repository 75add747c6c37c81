// The `operations` section: where the operator's own programs ask how the relay is. Off unless it is there. Part of schema.ts.

import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { HostPortSchema } from './parts.ts';

export const OperationsSchema = v.pipe(
  v.strictObject({
    /** Plain HTTP with /metrics, /healthz and /readyz; no password. */
    listen: HostPortSchema,
    /** Has to be said for an address that other machines can reach: whoever reaches it reads how busy the relay is at each second. */
    exposed: v.optional(v.boolean(), false),
  }),
  v.check(
    ({ listen, exposed }) => exposed || ipaddr.process(listen.host).range() === 'loopback',
    '`operations.listen` is an address that other machines may reach: name one of this machine, such as 127.0.0.1:9464, or say `exposed: true` and let a firewall keep the rest out',
  ),
);

export type OperationsConfig = v.InferOutput<typeof OperationsSchema>;

/** Starts the service, and ends it in order when it is told to. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createService } from './server.ts'

const { PORT = '8080', COMMIT = 'unknown' } = process.env

const service = createService(COMMIT).listen(Number(PORT))
await once(service, 'listening')
console.log(`listening on port ${String((service.address() as AddressInfo).port)}`)

// Whoever waits for an answer still gets it; the process ends with the last connection.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => service.close())

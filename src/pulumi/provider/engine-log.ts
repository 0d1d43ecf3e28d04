/** The engine's own log, reached from the plug-in: lines arrive in play with their severity and their resource. */
import { credentials } from '@grpc/grpc-js'
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb.js'
import type { EngineLog } from './provider.ts'

/** Logs to the engine at `address`, which is the plug-in's first argument. A line that gets lost is only progress. */
export function connectEngineLog(address: string): EngineLog {
  const client = new EngineClient(address, credentials.createInsecure())
  return (urn, line) => {
    const request = new LogRequest()
    request.setSeverity(LogSeverity.INFO)
    request.setUrn(urn)
    request.setMessage(line)
    client.log(request, () => undefined)
  }
}

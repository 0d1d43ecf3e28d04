/** The engine's own log, reached from the plug-in: lines arrive in play with their severity and their resource. */
import { credentials } from '@grpc/grpc-js'
// Generated CommonJS: Node finds no named exports in it.
import engineService from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js'
import type { EngineLog } from './provider.ts'

/** Logs to the engine at `address`, which is the plug-in's first argument. A line that gets lost is only progress. */
export function connectEngineLog(address: string): EngineLog {
  const client = new engineService.EngineClient(address, credentials.createInsecure())
  return (urn, line) => {
    const request = new engineMessages.LogRequest()
    request.setSeverity(engineMessages.LogSeverity.INFO)
    request.setUrn(urn)
    request.setMessage(line)
    client.log(request, () => undefined)
  }
}

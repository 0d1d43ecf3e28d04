/** The engine's side of an inline program: has it run by the language runtime, and registers what it asks for. */
import grpc from '@grpc/grpc-js'
import engineService from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import languageService from '@pulumi/pulumi/proto/language_grpc_pb.js'
import languageMessages from '@pulumi/pulumi/proto/language_pb.js'
import resourceService from '@pulumi/pulumi/proto/resource_grpc_pb.js'
import resourceMessages, { type RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js'

interface Method {
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly responseType: new () => unknown
}

/** Answers every plain call of the service with an empty response, which to the SDK means no and nothing. */
function emptyAnswers(service: object): grpc.UntypedServiceImplementation {
  const plain = Object.entries(service as Record<string, Method>).filter(
    ([, { requestStream, responseStream }]) => !requestStream && !responseStream,
  )
  return Object.fromEntries(
    plain.map(([name, { responseType: Response }]) => [
      name,
      (_call: unknown, callback: grpc.sendUnaryData<unknown>) => {
        callback(null, new Response())
      },
    ]),
  )
}

/** Runs the program behind `address` (of --client) and answers its error, or an empty text. */
export async function runProgram(address: string): Promise<string> {
  const server = new grpc.Server()
  const monitor = resourceService.ResourceMonitorService as unknown as grpc.ServiceDefinition
  const engine = engineService.EngineService as unknown as grpc.ServiceDefinition
  server.addService(monitor, { ...emptyAnswers(monitor), registerResource })
  server.addService(engine, emptyAnswers(engine))
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  const own = `127.0.0.1:${String(port)}`
  const request = new languageMessages.RunRequest()
  request.setProject('play')
  request.setStack('dev')
  request.setArgsList([own])
  request.setMonitorAddress(own)
  const client = new languageService.LanguageRuntimeClient(address, grpc.credentials.createInsecure())
  try {
    return await new Promise<string>((resolve) => {
      client.run(request, (error, response) => {
        resolve(error === null ? response.getError() : error.details)
      })
    })
  } finally {
    client.close()
    server.forceShutdown()
  }
}

function registerResource(
  { request }: { readonly request: RegisterResourceRequest },
  callback: grpc.sendUnaryData<resourceMessages.RegisterResourceResponse>,
): void {
  const response = new resourceMessages.RegisterResourceResponse()
  response.setUrn(`urn:pulumi:dev::play::${request.getType()}::${request.getName()}`)
  response.setId(request.getName())
  response.setObject(request.getObject())
  callback(null, response)
}

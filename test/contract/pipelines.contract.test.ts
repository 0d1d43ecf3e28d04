import { containerSetContract, pipelinesContract } from './pipelines.contract.ts'
import { fakeArgoWorld, fakeTektonWorld } from './pipelines-worlds.ts'

pipelinesContract('Argo Workflows', fakeArgoWorld)
pipelinesContract('Tekton', fakeTektonWorld)
containerSetContract('Argo Workflows', fakeArgoWorld)

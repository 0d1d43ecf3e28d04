import { repositoriesContract } from './repositories.contract.ts'
import { localRepositoriesWorld } from './repositories-worlds.ts'

repositoriesContract('Repositories of demos', localRepositoriesWorld)

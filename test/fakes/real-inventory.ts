/** The inventory as the composition root puts it together: it is pure, so there is nothing to fake. */
import { certificateOf } from '../../src/inventory/certificate.ts'
import { requireEmpty, takeInventory } from '../../src/inventory/inventory.ts'
import { verifyEmpty } from '../../src/inventory/verify.ts'
import type { Inventory } from '../../src/workflows/down.ts'

export const realInventory: Inventory = {
  take: takeInventory,
  requireEmpty,
  verify: verifyEmpty,
  certificate: (facts) => certificateOf({ ...facts, tool: 'play 0.0.0-test' }),
}

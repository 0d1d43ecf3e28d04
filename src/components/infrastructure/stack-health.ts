/** How Argo CD tells that a Stack is done: it knows no health of that kind itself, and would take it for healthy at once. */

/** Key of the ConfigMap argocd-cm. */
export const stackHealthKey = 'resource.customizations.health.pulumi.com_Stack'

/** Lua: conditions count only once the operator has seen this generation. See Argo CD's "Resource Health". */
export const stackHealth = `local status = obj.status or {}
local health = { status = "Progressing", message = "the operator has not looked at it yet" }
if status.observedGeneration ~= obj.metadata.generation then
  return health
end
local known = { Stalled = "Degraded", Reconciling = "Progressing", Ready = "Healthy" }
for _, kind in ipairs({ "Stalled", "Reconciling", "Ready" }) do
  for _, condition in ipairs(status.conditions or {}) do
    if condition.type == kind and condition.status == "True" then
      return { status = known[kind], message = condition.message }
    end
  end
end
return health
`

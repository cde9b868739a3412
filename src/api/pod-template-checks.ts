import { checkUnique, namesOf } from './checks.ts';
import type { Draft, Place } from './schema.ts';
import type { ExtraEnv, PodTemplate, Toleration } from './sip-cluster-type.ts';

/** What Kubernetes would refuse when a pod is made, as far as it can be told before. */
export function checkPodTemplate(template: Draft<PodTemplate> | undefined, place: Place): void {
  const { tolerations = [], topologySpreadConstraints = [], env = [] } = template ?? {};
  for (const [index, each] of tolerations.entries())
    if (each !== undefined) checkToleration(each, place.key('tolerations').index(index));
  const spreads = topologySpreadConstraints.map((each) => spreadKey(each));
  checkUnique(spreads, place.key('topologySpreadConstraints'));
  checkUnique(namesOf(env), place.key('env'), 'name');
  for (const [index, each] of env.entries())
    if (each !== undefined) checkVariable(each, place.key('env').index(index));
}

function checkToleration(
  { key, operator, value, effect, tolerationSeconds }: Draft<Toleration>,
  at: Place,
): void {
  if (at.hasProblem()) return;
  if (key === undefined && operator !== 'Exists')
    at.key('key').problem('CONFIG_REQUIRED', 'is missing: only operator: Exists does without');
  if (operator === 'Exists' && value !== undefined && value !== '')
    at.key('value').problem('CONFIG_CONFLICT', 'is only for operator: Equal');
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    at.key('tolerationSeconds').problem('CONFIG_CONFLICT', 'is only for effect: NoExecute');
}

function spreadKey(
  spread: Draft<PodTemplate['topologySpreadConstraints'][number]> | undefined,
): string | undefined {
  if (spread?.topologyKey === undefined || spread.whenUnsatisfiable === undefined) return undefined;
  return `${spread.topologyKey} with ${spread.whenUnsatisfiable}`;
}

function checkVariable({ value, valueFrom }: Draft<ExtraEnv>, at: Place): void {
  if (value !== undefined && valueFrom !== undefined)
    at.key('valueFrom').problem('CONFIG_CONFLICT', 'is only for a variable without value');
}

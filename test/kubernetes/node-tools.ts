import { applyObjects, kubectl, kubectlWait } from './kubectl.ts';
import { readSettings } from './settings.ts';

/** Where privileged pods may run. */
const TOOLS_NAMESPACE = 'rehome-e2e-tools';

/** The image may have to be pulled. */
const READY_WITHIN_SECONDS = 120;

/** A signal that can be sent to the process of a pod. */
export type Signal = 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** Finds the processes of a pod by their control groups, which name its uid, and signals those that run Rehome. */
const SIGNAL_SCRIPT = `
const fs = require('node:fs');
const [uid, signal] = process.argv.slice(1);
const names = [uid, uid.replaceAll('-', '_')];
let found = 0;
for (const pid of fs.readdirSync('/proc').filter((each) => /^[0-9]+$/.test(each))) {
  try {
    const groups = fs.readFileSync('/proc/' + pid + '/cgroup', 'utf8');
    const line = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8');
    if (names.some((name) => groups.includes(name)) && line.includes('rehome')) {
      process.kill(Number(pid), signal);
      found += 1;
    }
  } catch {}
}
console.log(found);
`;

/** Sends a signal to the process of a pod from outside of it: nothing inside may kill the first process of a container. */
export async function signalPod(pod: { uid: string; node: string }, signal: Signal): Promise<void> {
  const tools = await toolsOn(pod.node);
  const written = await kubectl(
    ...['exec', '-n', TOOLS_NAMESPACE, tools, '--', 'node', '-e', SIGNAL_SCRIPT, pod.uid, signal],
  );
  if (Number(written) < 1) throw new Error(`no process of the pod ${pod.uid} was found on ${pod.node}`);
}

/** A privileged pod on a node, made at its first use. */
export async function toolsOn(node: string): Promise<string> {
  const name = `tools-${node}`;
  await applyObjects(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: TOOLS_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    toolsPod(name, node),
  );
  await kubectlWait(READY_WITHIN_SECONDS, `pod/${name}`, '-n', TOOLS_NAMESPACE, '--for=condition=Ready');
  return name;
}

/** Takes all of these pods away: nobody can drain a node that has one. */
export async function removeTools(): Promise<void> {
  await kubectl('delete', 'namespace', TOOLS_NAMESPACE, '--ignore-not-found', '--timeout=55s');
}

function toolsPod(name: string, node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: TOOLS_NAMESPACE },
    spec: {
      nodeName: node,
      hostPID: true,
      terminationGracePeriodSeconds: 1,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'tools',
          image: readSettings().image,
          imagePullPolicy: 'IfNotPresent',
          command: [
            'node',
            '-e',
            'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 60000)',
          ],
          securityContext: { privileged: true, runAsUser: 0 },
        },
      ],
    },
  };
}

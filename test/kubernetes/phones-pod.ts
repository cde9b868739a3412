import type { RunContacts, RunLedger, RunRequest } from '../../src/local/phones-program/run-type.ts';
import { applyObjects, kubectl, kubectlWait, kubectlWith } from './kubectl.ts';
import { readSettings } from './settings.ts';

const SIP_PORT = 5060;
const HTTP_PORT = 8080;
/** The image may have to be pulled. */
const READY_WITHIN_SECONDS = 180;
const HANG_UP_MS = 150_000;

/** `rehome phones` in a pod of the cluster, asked through the API server. */
export class PhonesPod {
  readonly namespace: string;
  readonly address: string;

  private constructor(namespace: string, address: string) {
    this.namespace = namespace;
    this.address = address;
  }

  /** Makes the pod, on a node that is left in peace, and a Service `phones` for it. */
  static async start(namespace: string, node: string): Promise<PhonesPod> {
    await applyObjects(podObject(namespace, node), serviceObject(namespace));
    await kubectlWait(READY_WITHIN_SECONDS, 'pod/phones', '-n', namespace, '--for=condition=Ready');
    const address = await kubectl('get', '-n', namespace, 'pod/phones', '-o', 'jsonpath={.status.podIP}');
    return new PhonesPod(namespace, address);
  }

  /** host:port of the callees. */
  get target(): string {
    return `${this.address}:${SIP_PORT}`;
  }

  async place(request: Partial<RunRequest> & Pick<RunRequest, 'name' | 'through'>): Promise<void> {
    const input = JSON.stringify(request);
    await kubectlWith({ input }, 'create', '--raw', this.#path('/runs'), '-f', '-');
  }

  async ledger(run: string): Promise<RunLedger> {
    return JSON.parse(await kubectl('get', '--raw', this.#path(`/runs/${run}`))) as RunLedger;
  }

  /** Where the calls of a run are: for asking again and again. */
  async contacts(run: string): Promise<RunContacts> {
    return JSON.parse(await kubectl('get', '--raw', this.#path(`/runs/${run}/contacts`))) as RunContacts;
  }

  async stop(run: string): Promise<void> {
    await this.#post(`/runs/${run}/stop`);
  }

  /** Hangs all calls of a run up and forgets it; all that happened in it. */
  async hangUp(run: string): Promise<RunLedger> {
    const ledger = JSON.parse(await this.#post(`/runs/${run}/hang-up`)) as RunLedger;
    await kubectl('delete', '--raw', this.#path(`/runs/${run}`));
    return ledger;
  }

  #post(path: string): Promise<string> {
    return kubectlWith(
      { timeoutMs: HANG_UP_MS, input: '{}' },
      'create',
      '--raw',
      this.#path(path),
      '-f',
      '-',
    );
  }

  #path(path: string): string {
    return `/api/v1/namespaces/${this.namespace}/pods/phones:${HTTP_PORT}/proxy${path}`;
  }
}

function podObject(namespace: string, node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'phones', namespace, labels: { app: 'phones' } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      // What Pod Security `restricted` wants.
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'phones',
          image: readSettings().image,
          imagePullPolicy: 'IfNotPresent',
          command: ['rehome'],
          args: ['phones'],
          env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
          readinessProbe: { httpGet: { path: '/healthz', port: HTTP_PORT }, periodSeconds: 1 },
          // Beside pods that ask for CPU, one that asks for none is starved on a busy node.
          resources: { requests: { cpu: '500m', memory: '256Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}

function serviceObject(namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'phones', namespace },
    spec: {
      selector: { app: 'phones' },
      ports: [{ name: 'sip', port: SIP_PORT, protocol: 'UDP' }],
    },
  };
}

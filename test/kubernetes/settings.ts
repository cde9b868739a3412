/** How the suite finds its cluster; a variable of the environment each (docs/testing.md). */
export interface Settings {
  /** Image of operator, proxies and phones, `repository:tag`. */
  image: string;
  /** The same image by another tag, for the image change; '' leaves that test out. */
  nextImage: string;
  /** Archives of images that are loaded at first. */
  archives: readonly string[];
  /** Command that loads one into the cluster; {} is the archive. */
  load: string;
  /** Commands that power a node off and on, and cut and mend its link; {} is the node's name. '' leaves tests out. */
  node: Readonly<Record<NodeCommand, string>>;
  kubectl: string;
  helm: string;
}

/** What a command can do to a node. */
export type NodeCommand = 'kill' | 'start' | 'cut' | 'heal';

/** The settings of this process. Throws if a variable without a default is missing. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const text = (name: string, usual = ''): string => environment[name] ?? usual;
  if (text('KUBECONFIG') === '') throw new Error('KUBECONFIG does not name a cluster (docs/testing.md)');
  const settings: Settings = {
    image: text('REHOME_E2E_IMAGE', 'rehome:0.1.0'),
    nextImage: text('REHOME_E2E_NEXT_IMAGE'),
    archives: text('REHOME_E2E_ARCHIVES')
      .split(',')
      .filter((each) => each !== ''),
    load: text('REHOME_E2E_LOAD'),
    node: {
      kill: text('REHOME_E2E_NODE_KILL'),
      start: text('REHOME_E2E_NODE_START'),
      cut: text('REHOME_E2E_NODE_CUT'),
      heal: text('REHOME_E2E_NODE_HEAL'),
    },
    kubectl: text('REHOME_E2E_KUBECTL', 'kubectl'),
    helm: text('REHOME_E2E_HELM', 'helm'),
  };
  if (settings.archives.length > 0 && settings.load === '')
    throw new Error('REHOME_E2E_ARCHIVES names archives, and REHOME_E2E_LOAD is missing');
  return settings;
}

/** Repository and tag of an image's name. */
export function imageParts(image: string): { repository: string; tag: string } {
  const at = image.lastIndexOf(':');
  return at > image.lastIndexOf('/')
    ? { repository: image.slice(0, at), tag: image.slice(at + 1) }
    : { repository: image, tag: 'latest' };
}

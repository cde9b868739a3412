import { stringify } from 'yaml';
import { dialogShardDefinition, sipClusterDefinition } from '../../src/api/crd.ts';

type Files = Readonly<Record<string, () => string>>;

/** The definitions of both kinds as files of a folder, for `kubectl apply -f FOLDER`. */
export function crdFilesIn(folder: string): Files {
  return Object.fromEntries(
    [sipClusterDefinition, dialogShardDefinition].map((definition) => [
      `${folder}/${definition.metadata.name}.yaml`,
      (): string => stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false }),
    ]),
  );
}

/** Those for whoever installs without the chart. */
export const CRD_FILES: Files = crdFilesIn('crds');

import {
  type Generalized,
  generalizeAge90,
  generalizeYear,
  generalizeZip3,
  type Zip3Options,
} from './generalize.ts';

/** What is done to the cells of one column. Structured-cloneable, so that it reaches a worker. */
export type Treatment =
  | { readonly kind: 'tokenize'; readonly column: string; readonly prefix: string }
  | { readonly kind: 'year'; readonly earliest?: number }
  | ({ readonly kind: 'zip3' } & Zip3Options)
  | { readonly kind: 'age90' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'drop' };

export type GeneralizingTreatment = Extract<Treatment, { kind: 'year' | 'zip3' | 'age90' }>;

export function isGeneralizing(treatment: Treatment): treatment is GeneralizingTreatment {
  return treatment.kind === 'year' || treatment.kind === 'zip3' || treatment.kind === 'age90';
}

export function generalize(treatment: GeneralizingTreatment, value: string): Generalized {
  switch (treatment.kind) {
    case 'year':
      return generalizeYear(value, treatment.earliest);
    case 'zip3':
      return generalizeZip3(value, treatment);
    case 'age90':
      return generalizeAge90(value);
  }
}

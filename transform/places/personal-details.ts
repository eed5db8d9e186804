/** Personal details that should never have been typed into a text of a location: a tripwire, which counts and never keeps. */

const DETAILS = new RegExp(
  [
    // Telephone, NHS and hospital numbers: seven digits or more, however they are grouped.
    '(?:\\d[ -]?){7,}',
    // Dates of birth.
    '\\bd\\.?o\\.?b\\b|\\bborn\\b|\\b\\d{1,2}[/.-]\\d{1,2}[/.-](?:19|20)?\\d\\d\\b',
    // Electronic mail, and number plates.
    '\\w@\\w+\\.\\w|\\b[a-z]{2}\\d\\d ?[a-z]{3}\\b',
    // Somebody with a title or by a name; an age.
    '\\b(?:mr|mrs|miss|ms|dr)\\.? [a-z]+|\\b(?:named?|called|known as|aka|suspect|assailant)\\b:? [a-z]+ [a-z]+|\\b\\d{1,2} ?(?:yr|year)s? ?old\\b|\\b\\d\\d ?(?:yo|y/o)\\b',
    '\\b(?:nhs|mrn|hosp(?:ital)?) ?(?:no|num|number|#)\\b|\\bmob(?:ile)?\\b|\\btel\\b|\\bphone no\\b|\\bfacebook\\b|\\binstagram\\b',
  ].join('|'),
  'i',
);

/** True where a text holds something by which a person could be known. */
export const hasPersonalDetails = (text: string): boolean => DETAILS.test(text);

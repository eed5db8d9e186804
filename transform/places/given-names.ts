/** First names that are common in Britain: whose "Dave's" is a home where no place has that name. */
export const GIVEN_NAMES: ReadonlySet<string> = new Set(
  `aaron abdi abdul abigail adam adrian ahmed aidan aisha alan alex alexander ali alice alison alun amanda amber amelia
  amina amy andrea andrew andy angela angharad anita ann anna anne anthony arthur ashley barbara ben bethan beth beverley
  bill billy bob brandon brenda brian bronwen bryn callum cameron carl carly carol caroline carwyn carys catherine ceri
  charlotte chelsea cheryl chloe chris christine christopher claire clare colin connor courtney craig dafydd dai damian
  daniel danielle danny darren dave david dawn dean debbie deborah denise derek diane donna dorothy dylan eddie edward
  eilidh eira eleri elin elizabeth ella ellie emily emma emyr eric erin ethan euan evan fatima fiona frank fred gareth
  gary gavin gemma geoff george geraint gethin gillian glyn grace graham greg gwen gwyn gwyneth hannah harriet harry
  hassan hayley heather helen henry hussein huw hywel ian ibrahim idris ieuan ioan iolo isaac isla ivan jack jacob jade jake
  james jamie jan jane janet jasmine jason jay jean jeff jen jenna jennifer jenny jess jessica jim jimmy joan joanne
  joe john jon jonathan jordan joseph josh joshua judith julia julie karen karl kate katherine kathryn katie kayleigh
  keith kelly ken kerry kevin khalid kieran kim kirsty kyle lauren laura leah lee leanne leon lesley lewis liam linda
  lisa llinos lloyd louise lowri lucy luke lynn lynne mair malcolm mandy mandi margaret maria marie mark martin mary
  matt matthew megan mel melanie michael michelle mick mike mohamed mohammed molly morgan muhammad myra nadia naomi
  natalie natasha nathan neil nia nick nicky nicola nicole nigel oliver olivia omar owain owen pam pat patricia patrick
  paul paula peter phil philip rachel rebecca rhian rhiannon rhodri rhys richard rob robert robin roger ron rosie ross
  ruth ryan sally sam samantha samira sandra sara sarah scott sean shane shannon sharon sheila shirley sian simon sioned
  siwan sophie stacey stan steffan stephanie stephen steve steven stuart sue susan suzanne tanya terry tegan thomas
  tim tina toby tom tomos tony tracey tracy trevor tyler vicky victoria wayne wendy will william yasmin yusuf zara zoe`
    .split(/\s+/)
    .filter(Boolean),
);

/** True of a first name with the s of what is somebody's. */
export const isSomeonesName = (word: string): boolean =>
  word.endsWith('s') && GIVEN_NAMES.has(word.slice(0, -1));

package local

// The German and Spanish tables are modest: clear wordings only.

var actionGerman = []rule{
	{1, statement, `(?:ich|wir) (?:schicke|schicken|sende|senden|maile|mailen|leite|leiten|melde|melden|kläre|klären|prüfe|prüfen|kümmere|kümmern|erstelle|erstellen|organisiere|organisieren|reiche|reichen|bereite|bereiten|frage|fragen|trage|tragen|lege|legen|lade|laden|rufe|rufen|gebe|geben|stelle|stellen|buche|buchen|vereinbare|vereinbaren|teste|testen|bespreche|besprechen) <wide>(?:ihnen|euch|dir|ihn|es|das|die|den|ein|eine|einen|mich|uns|an|nach|zu|bis|morgen|heute|intern|weiter|ab|mit)`, commits},
	{1, statement, `(?:schicke|sende|maile|melde|kläre|prüfe|kümmere) ich <wide>(?:ihnen|euch|dir|ihn|es|das|die|den|ein|eine|mich|bis|morgen|heute)`, commits},
	{1, statement, `(?:ich|wir) (?:werde|werden) <wide>(?:schicken|senden|klären|prüfen|melden|erstellen|organisieren|vorbereiten|nachfragen|weiterleiten|nachreichen|anlegen|besprechen|testen|zusenden|zuschicken)`, commits},
	{1, anywhere, `(?:können|könnten|könntest|kannst|würden|würdest) (?:sie|du|ihr)(?: mir| uns| bitte| das| die| den| dazu)* <wide>(?:schicken|senden|zuschicken|zusenden|klären|prüfen|melden|weiterleiten|organisieren|vorbereiten|einladen|nachfragen|freischalten|erstellen)`, asks},
	{1, anywhere, `(?:bitte <gap>(?:schicken|senden|prüfen|klären|melden|leiten|laden|geben)|(?:schicken|senden|melden|geben|leiten) sie <gap>(?:mir|uns|bitte|sich))`, asks},
	{0.4, anywhere, `bis (?:zum |ende |spätestens |nächste |nächsten )*(?:montag|dienstag|mittwoch|donnerstag|freitag|morgen|woche|monat|monatsende|mittag|abend|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)|morgen|heute noch|nächste woche`, ""},
	{1, anywhere, `(?:ich|wir) (?:nehme|nehmen) (?:das|es) <wide>auf|sage <gap>bescheid|melde mich|(?:das|dies) (?:kläre|prüfe|schicke|sende|organisiere|übernehme) ich|(?:reservieren|buchen|schicken|prüfen) sie <gap>bitte|ich bitte <wide>(?:ihnen|euch|sie)`, commits},
	{never, anywhere, `immer|normalerweise|jede woche|jeden (?:montag|tag|monat)|nicht mehr|nicht nötig|hätte|hätten|gestern|bildschirm|vielleicht|irgendwann`, ""},
}

var askGerman = []rule{
	{1, anywhere, `(?:es )?(?:wäre|wär) (?:es )?<gap>(?:schön|toll|gut|super|hilfreich|praktisch|prima|klasse|ideal|großartig) <gap>(?:wenn|, wenn|falls)`, ""},
	{1, anywhere, `(?:ich|wir) (?:würde|würden|hätte|hätten|wünsche|wünschen) <wide>(?:gern|gerne|uns|mir) <wide>(?:export|import|filter|schnittstelle|funktion|möglichkeit|ansicht|bericht|übersicht|anbindung|app|knopf|option|dass|eine|einen)`, ""},
	{1, statement, `(?:uns|mir) (?:fehlt|fehlen)|(?:fehlt|fehlen) (?:mir|uns)|wünsche (?:ich mir|mir)|wünschen (?:wir uns|uns)|was (?:uns|mir) fehlt|wir vermissen|(?:wir|ich) (?:brauchen|brauche|bräuchten|bräuchte|benötigen) <wide>(?:export|import|filter|schnittstelle|funktion|möglichkeit|ansicht|anbindung|integration|single sign on|rechteverwaltung|app|option|api)`, ""},
	{1, anywhere, `(?:können|könnten|könntet) (?:sie|ihr) <wide>(?:einbauen|ergänzen|hinzufügen|unterstützen|anbinden|integrieren)`, ""},
	{0.6, question, `(?:gibt es|kann man|lässt sich|ist es möglich|ist geplant|planen sie)`, ""},
	{0.5, anywhere, `weil|denn|sonst|damit|von hand|manuell|momentan|derzeit|jedes mal|müssen wir`, ""},
	{never, anywhere, `nicht mehr|brauchen (?:wir )?(?:nicht|kein|keine|keinen)|rechnung|angebot|vertrag|termin|schulung|lizenzen`, ""},
}

var renewalGerman = []rule{
	{1, anywhere, `(?:vertrag|abo|abonnement|lizenz|lizenzen|verlängerung) <wide>(?:läuft|laufen|endet|enden|aus|verlängern|verlängert|kündigen|gekündigt|erneuern|ansteht)|(?:verlängern|kündigen|verlängerung|kündigung|kündigungsfrist|vertragsverlängerung|vertragsende)`, timing},
	{1, anywhere, `(?:zu|ziemlich|recht|sehr) teuer|preiserhöhung|rabatt|preis <wide>(?:gestiegen|steigt|zu hoch|erhöht)|budget <wide>(?:gekürzt|freigegeben|gestrichen|genehmigt|eng|knapp|kürzen)|was (?:kostet|kosten|würde) (?:uns |das |es )?<wide>(?:lizenzen|plätze|nutzer|kosten|zusätzlich|zusätzliche|mehr|das|vertrag)|laufzeit <wide>(?:kürzer|länger|verkürzen|ändern)`, price},
	{1, anywhere, `(?:andere|anderen|alternative|alternativen|wettbewerber|konkurrenz|mitbewerber|ausschreibung) <wide>(?:anbieter|angeschaut|anschauen|prüfen|vergleichen|sehen|getestet|testen|an|ausgeschrieben)|schauen uns <wide>(?:um|alternativen|andere anbieter)`, competitor},
	{1, anywhere, `(?:mehr|weitere|zusätzliche|<zahl>) (?:weitere |zusätzliche |mehr )?(?:lizenzen|plätze|nutzer|standorte|zugänge)|(?:eröffnen|öffnen) <wide>(?:standort|standorte|filiale|filialen|werk)|ausrollen`, expansion},
	{1, anywhere, `(?:weniger|reduzieren) <gap>(?:lizenzen|plätze|nutzer)|entlassungen|stellenabbau|fusion|übernommen worden|übernahme durch`, reduction},
	{never, anywhere, `mietvertrag|versicherung|reisepass|handyvertrag|leasing|fitness|unsere preise|unsere kunden`, ""},
}

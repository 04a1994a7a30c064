package local

var actionSpanish = []rule{
	{1, statement, `(?:te|le|les|os|se lo|te lo|lo|la) (?:enviaré|mandaré|envío|mando|paso|pasaré|confirmo|confirmaré|comparto|compartiré|aviso|avisaré|reenvío|llamo|llamaré|escribo|escribiré)`, commits},
	{1, statement, `(?:yo |nosotros )?(?:enviaré|enviaremos|mandaré|mandaremos|prepararé|prepararemos|revisaré|revisaremos|consultaré|consultaremos|preguntaré|confirmaré|confirmaremos|organizaré|organizaremos|hablaré con|hablaremos con|crearé|crearemos|averiguaré)`, commits},
	{1, statement, `(?:lo|la|los|las) paso a|te digo|os digo|le digo <gap>mañana`, commits},
	{1, statement, `(?:voy|vamos) a (?:enviar|enviarte|enviarle|enviaros|mandar|mandarte|mandarle|preparar|revisar|consultar|preguntar|confirmar|organizar|hablar con|crear|averiguar|pasarte|compartir)`, commits},
	{1, anywhere, `(?:puedes|puede|podrías|podría|pueden|podrían|podéis) (?:[^ ,]+ )?(?:enviar|pasar|mandarle|enviarme|enviarnos|mandar|mandarme|mandarnos|pasarme|pasarnos|compartir|confirmar|confirmarme|revisar|preguntar|averiguar|preparar|organizar|avisarme|avisarnos|reenviar|reenviarme)`, asks},
	{1, anywhere, `por favor <gap>(?:envíame|envíanos|envíe|mándame|mándanos|confirma|confirme|revisa|revise|avísame|avísanos)|(?:envíame|mándame|envíanos|mándanos|avísame|avísanos)`, asks},
	{0.4, anywhere, `(?:antes del?|para el|el|este|la próxima) (?:lunes|martes|miércoles|jueves|viernes|semana|mes)|mañana|hoy mismo|esta tarde`, ""},
	{never, anywhere, `siempre|normalmente|cada (?:semana|mes|día|lunes)|ya no|no hace falta|no es necesario|pantalla|algún día|ayer|habría|quizás`, ""},
}

var askSpanish = []rule{
	{1, anywhere, `(?:nos|me) vendría (?:muy |genial |estupendamente )?bien|(?:sería|estaría) <gap>(?:genial|bueno|bien|útil|ideal|estupendo|fantástico|perfecto) <gap>(?:poder|si|que|tener|contar)`, ""},
	{1, statement, `(?:nos|me) (?:gustaría|encantaría) (?:poder|tener|que|ver|contar|disponer)|(?:nos|me) falta|lo que (?:nos|me) falta|echamos (?:de menos|en falta)|ojalá`, ""},
	{1, statement, `(?:necesitamos|necesito|necesitaríamos) (?:poder|la firma|el módulo|la integración|que (?:el|la|se)|una? (?:firma|integración|exportación|filtro|informe|api|forma|opción|función|vista|botón|aplicación)|exportar|integrar|inicio de sesión)`, ""},
	{1, anywhere, `(?:podrían|podríais|pueden|podéis|podrías) (?:añadir|agregar|incluir|integrar|soportar|permitir)`, ""},
	{0.6, question, `(?:hay|existe) (?:alguna |una )?(?:forma|manera|opción|posibilidad)|se puede|es posible|tienen previsto`, ""},
	{0.5, anywhere, `porque|ya que|si no|a mano|manualmente|ahora mismo|cada vez|tenemos que`, ""},
	{never, anywhere, `ya no|no necesitamos|no hace falta|factura|presupuesto|contrato|reunión|formación|licencias`, ""},
}

var renewalSpanish = []rule{
	{1, anywhere, `(?:contrato|suscripción|licencia|licencias|acuerdo) <wide>(?:vence|vencen|termina|terminan|caduca|caducan|renovar|renovación|cancelar|expira|acaba)|(?:renovar|renovación|renovaremos|renovamos|cancelar|cancelaremos) <gap>(?:el contrato|la suscripción|las licencias|con ustedes|con vosotros|otro año|por otro)|renovación`, timing},
	{1, anywhere, `(?:demasiado|muy|bastante) (?:caro|cara|caros|caras)|descuento|subida de precios?|(?:precio|precios) <gap>(?:sube|suben|subido|subir|alto)|presupuesto <wide>(?:recortado|recorte|aprobado|congelado|reducido|ajustado)|recortar <gap>(?:presupuesto|gastos)|precio por (?:usuario|licencia|puesto)|firm(?:o|amos|aremos) (?:dos|tres|otros|otro) (?:años?)|cuánto (?:costaría|costarían|cuesta|cuestan)`, price},
	{1, anywhere, `(?:mirando|evaluando|valorando|probando|comparando|estudiando) <gap>(?:otras|otros|alternativas|competidores|la competencia|opciones|un competidor)|licitación`, competitor},
	{1, anywhere, `(?:más|otras|\d+|diez|veinte|treinta|cincuenta) (?:licencias|usuarios|puestos|sedes)(?: más| adicionales)?|(?:abrir|abrimos|abriremos|abriendo) <wide>(?:clínica|clínicas|almacén|almacenes|oficina|oficinas|tienda|tiendas|sede|sedes|planta|plantas)|plan (?:superior|enterprise|empresarial)`, expansion},
	{1, anywhere, `(?:menos|reducir) <gap>(?:licencias|usuarios|puestos)|despidos|fusión|nos (?:ha comprado|han comprado|compró)`, reduction},
	{never, anywhere, `alquiler|seguro|pasaporte|pasaportes|gimnasio|nuestros clientes|nuestros precios|cancelar la reunión|dominio`, ""},
}

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es_ES" sourcelanguage="en_US">
<context>
    <name>AnswerView</name>
    <message>
        <source>Why these passages?</source>
        <translation>¿Por qué estos pasajes?</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Respuesta</translation>
    </message>
    <message>
        <source>Stopped before anything was written.</source>
        <translation>Se detuvo antes de escribir nada.</translation>
    </message>
    <message>
        <source>Reading {done} of {total} tokens…</source>
        <translation>Leyendo {done} de {total} tokens…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Intentar de nuevo</translation>
    </message>
    <message>
        <source>This answer broke off; what was written is kept.</source>
        <translation>Esta respuesta se interrumpió; se conserva lo escrito.</translation>
    </message>
    <message>
        <source>earlier messages: {n}</source>
        <translation>mensajes anteriores: {n}</translation>
    </message>
    <message>
        <source>passages: {n}</source>
        <translation>pasajes: {n}</translation>
    </message>
    <message>
        <source>Did not fit the model and was left out: {what}</source>
        <translation>No cabía en el modelo y quedó fuera: {what}</translation>
    </message>
    <message>
        <source>Your documents do not seem to hold the answer. Other words or another collection may help.</source>
        <translation>Tus documentos no parecen contener la respuesta. Prueba con otras palabras o con otra colección.</translation>
    </message>
    <message>
        <source>Ask without documents</source>
        <translation>Preguntar sin documentos</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Detenida</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>Copiar la respuesta</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translation>Preguntar otra vez</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>No support found in your documents</source>
        <translation>Sin respaldo en tus documentos</translation>
    </message>
    <message>
        <source>Source {n}: {place}</source>
        <translation>Fuente {n}: {place}</translation>
    </message>
</context>
<context>
    <name>Arrange</name>
    <message>
        <source>New collection</source>
        <translation>Nueva colección</translation>
    </message>
    <message>
        <source>Name of the collection</source>
        <translation>Nombre de la colección</translation>
    </message>
    <message>
        <source>Rename the collection</source>
        <translation>Cambiar el nombre de la colección</translation>
    </message>
    <message>
        <source>New name</source>
        <translation>Nombre nuevo</translation>
    </message>
    <message>
        <source>The collection “{name}” was deleted. Files that left the library: {n}.</source>
        <translation>Se eliminó la colección «{name}». Archivos que salieron de la biblioteca: {n}.</translation>
    </message>
    <message>
        <source>Moved to “{name}”: {n}.</source>
        <translation>Movidos a «{name}»: {n}.</translation>
    </message>
    <message>
        <source>Also in “{name}” now: {n}.</source>
        <translation>Ahora también en «{name}»: {n}.</translation>
    </message>
    <message>
        <source>Nothing on the disk was changed, and nothing is read again.</source>
        <translation>En el disco no ha cambiado nada, y nada se lee de nuevo.</translation>
    </message>
</context>
<context>
    <name>AskDelete</name>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Conservar</translation>
    </message>
    <message>
        <source>Delete the collection “{name}”? All its files are in other collections too and stay there.</source>
        <translation>¿Eliminar la colección «{name}»? Todos sus archivos están también en otras y allí se quedan.</translation>
    </message>
    <message>
        <source>Delete the collection “{name}”? 1 file that is in no other leaves the library.</source>
        <translation>¿Eliminar la colección «{name}»? 1 archivo que no está en ninguna otra sale de la biblioteca.</translation>
    </message>
    <message>
        <source>Delete the collection “{name}”? {n} files that are in no other leave the library.</source>
        <translation>¿Eliminar la colección «{name}»? {n} archivos que no están en ninguna otra salen de la biblioteca.</translation>
    </message>
    <message>
        <source>The files themselves are not touched.</source>
        <translation>Los archivos en sí no se tocan.</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Add documents</source>
        <translation>Añadir documentos</translation>
    </message>
    <message>
        <source>Ask your documents</source>
        <translation>Pregunta a tus documentos</translation>
    </message>
    <message>
        <source>Answers come from your own files, by a model on this device. Every sentence shows where it comes from. Drop files or folders anywhere to begin.</source>
        <translation>Las respuestas salen de tus propios archivos, con un modelo en este equipo. Cada frase muestra de dónde viene. Para empezar, suelta archivos o carpetas en cualquier parte.</translation>
    </message>
    <message>
        <source>Enter sends · Shift+Enter starts a new line · check the sources</source>
        <translation>Intro envía · Mayús+Intro abre otra línea · comprueba las fuentes</translation>
    </message>
    <message>
        <source>There is no chat model on this device yet, so nothing can answer.</source>
        <translation>Aún no hay ningún modelo en este equipo, así que nada puede responder.</translation>
    </message>
    <message>
        <source>Get a model</source>
        <translation>Obtener un modelo</translation>
    </message>
    <message>
        <source>This link leads out of Lumbre: {address}</source>
        <translation>Este enlace lleva fuera de Lumbre: {address}</translation>
    </message>
    <message>
        <source>Opening it tells that site that you came.</source>
        <translation>Al abrirlo, ese sitio sabrá que entraste.</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>Abrir en el navegador</translation>
    </message>
</context>
<context>
    <name>CollectionBar</name>
    <message>
        <source>Never leaves this device</source>
        <translation>Nunca sale de este equipo</translation>
    </message>
    <message>
        <source>What is found in it is never sent to a server, not even when you ask one</source>
        <translation>Lo que se encuentra en ella no se envía nunca a un servidor, ni aunque preguntes a uno</translation>
    </message>
    <message>
        <source>Rename the collection (F2)</source>
        <translation>Cambiar el nombre de la colección (F2)</translation>
    </message>
    <message>
        <source>Delete the collection</source>
        <translation>Eliminar la colección</translation>
    </message>
</context>
<context>
    <name>CollectionList</name>
    <message>
        <source>Collections</source>
        <translation>Colecciones</translation>
    </message>
    <message>
        <source>All documents</source>
        <translation>Todos los documentos</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 archivo</translation>
    </message>
    <message>
        <source>{n} files</source>
        <translation>{n} archivos</translation>
    </message>
    <message>
        <source>Never leaves this device</source>
        <translation>Nunca sale de este equipo</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Cambiar el nombre…</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Eliminar…</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask something…</source>
        <translation>Escribe una pregunta…</translation>
    </message>
    <message>
        <source>Words that narrow the search</source>
        <translation>Palabras que acotan la búsqueda</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>Detener (Esc)</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>Enviar (Intro)</translation>
    </message>
</context>
<context>
    <name>Conversations</name>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Find a conversation</source>
        <translation>Buscar conversación</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Cambiar el nombre</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>Se eliminó «{title}».</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
</context>
<context>
    <name>FetchLine</name>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Descarga</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>Empezando…</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} de {total}</translation>
    </message>
    <message>
        <source>{size} a second</source>
        <translation>{size} por segundo</translation>
    </message>
    <message>
        <source>about {time} left</source>
        <translation>quedan unos {time}</translation>
    </message>
</context>
<context>
    <name>FileDetail</name>
    <message>
        <source>Unlock…</source>
        <translation>Desbloquear…</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Leer de nuevo</translation>
    </message>
    <message>
        <source>Open in its own program</source>
        <translation>Abrir en su programa</translation>
    </message>
    <message>
        <source>Take out of the library</source>
        <translation>Quitar de la biblioteca</translation>
    </message>
    <message>
        <source>{n} files chosen</source>
        <translation>{n} archivos elegidos</translation>
    </message>
</context>
<context>
    <name>FileModel</name>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Estado</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Tags and collections</source>
        <translation>Etiquetas y colecciones</translation>
    </message>
    <message>
        <source>Holds text that one does not see</source>
        <translation>Contiene texto que no se ve</translation>
    </message>
    <message>
        <source>Was not read as a whole</source>
        <translation>No se leyó entero</translation>
    </message>
</context>
<context>
    <name>FileTable</name>
    <message>
        <source>Files</source>
        <translation>Archivos</translation>
    </message>
</context>
<context>
    <name>FilterHelp</name>
    <message>
        <source>Words that narrow what is searched</source>
        <translation>Palabras que acotan lo que se busca</translation>
    </message>
    <message>
        <source>Example: {words}</source>
        <translation>Ejemplo: {words}</translation>
    </message>
    <message>
        <source>notice period type:pdf after:2023</source>
        <translation>plazo de preaviso tipo:pdf desde:2023</translation>
    </message>
    <message>
        <source>in:&quot;Rental contracts&quot;</source>
        <translation>en:&quot;Contratos de alquiler&quot;</translation>
    </message>
    <message>
        <source>only this collection</source>
        <translation>solo esta colección</translation>
    </message>
    <message>
        <source>type:pdf</source>
        <translation>tipo:pdf</translation>
    </message>
    <message>
        <source>only this kind: pdf, word, excel, mail, web, image…</source>
        <translation>solo este tipo: pdf, word, excel, correo, web, imagen…</translation>
    </message>
    <message>
        <source>name:contract*</source>
        <translation>nombre:contrato*</translation>
    </message>
    <message>
        <source>only files named so; * stands for any letters</source>
        <translation>solo archivos con ese nombre; * vale por cualquier letra</translation>
    </message>
    <message>
        <source>tag:urgent</source>
        <translation>etiqueta:urgente</translation>
    </message>
    <message>
        <source>only files with this tag</source>
        <translation>solo archivos con esta etiqueta</translation>
    </message>
    <message>
        <source>before:2023</source>
        <translation>antes:2023</translation>
    </message>
    <message>
        <source>only files last changed before that year, month or day</source>
        <translation>solo archivos cambiados antes de ese año, mes o día</translation>
    </message>
    <message>
        <source>after:2023-05-31</source>
        <translation>desde:2023-05-31</translation>
    </message>
    <message>
        <source>only files changed on that day or later</source>
        <translation>solo archivos cambiados ese día o después</translation>
    </message>
    <message>
        <source>&quot;notice period&quot;</source>
        <translation>&quot;plazo de preaviso&quot;</translation>
    </message>
    <message>
        <source>exactly these words, found by the letter</source>
        <translation>exactamente estas palabras, al pie de la letra</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in this document</source>
        <translation>Buscar en este documento</translation>
    </message>
    <message>
        <source>Place before (Shift+F3)</source>
        <translation>Lugar anterior (Mayús+F3)</translation>
    </message>
    <message>
        <source>Next place (F3)</source>
        <translation>Lugar siguiente (F3)</translation>
    </message>
    <message>
        <source>Stop finding (Esc)</source>
        <translation>Dejar de buscar (Esc)</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>No está</translation>
    </message>
    <message>
        <source>{at} of {total}</source>
        <translation>{at} de {total}</translation>
    </message>
</context>
<context>
    <name>FindingsBox</name>
    <message>
        <source>Text that one does not see</source>
        <translation>Texto que no se ve</translation>
    </message>
    <message>
        <source>Text that one does not see when the file is opened. What it says is never followed.</source>
        <translation>Texto que no se ve al abrir el archivo. Lo que dice no se obedece nunca.</translation>
    </message>
    <message>
        <source>Not everything in this file was read.</source>
        <translation>No se leyó todo lo que hay en este archivo.</translation>
    </message>
    <message>
        <source>{where}, page {n}</source>
        <translation>{where}, página {n}</translation>
    </message>
    <message>
        <source>Not read</source>
        <translation>No leído</translation>
    </message>
</context>
<context>
    <name>FolderCard</name>
    <message>
        <source>1 file</source>
        <translation>1 archivo</translation>
    </message>
    <message>
        <source>{n} files</source>
        <translation>{n} archivos</translation>
    </message>
    <message>
        <source>Not there now</source>
        <translation>Ahora no está</translation>
    </message>
    <message>
        <source>Watched</source>
        <translation>Vigilada</translation>
    </message>
    <message>
        <source>Take out of the library</source>
        <translation>Quitar de la biblioteca</translation>
    </message>
    <message>
        <source>Take out, with {n} files</source>
        <translation>Quitar, con {n} archivos</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Conservar</translation>
    </message>
</context>
<context>
    <name>FoldersDialog</name>
    <message>
        <source>What changes in them reaches the library by itself.</source>
        <translation>Lo que cambia en ellas llega solo a la biblioteca.</translation>
    </message>
    <message>
        <source>Added folders</source>
        <translation>Carpetas añadidas</translation>
    </message>
    <message>
        <source>No folder has been added yet.</source>
        <translation>Aún no se ha añadido ninguna carpeta.</translation>
    </message>
    <message>
        <source>Files that were added by themselves and are kept up to as well: {n}.</source>
        <translation>Archivos añadidos sueltos, también vigilados: {n}.</translation>
    </message>
</context>
<context>
    <name>GoldDialog</name>
    <message>
        <source>Note questions whose place in your documents you know. The test searches each of them and tells whether the right passage is found, now and after any change.</source>
        <translation>Anota preguntas de las que sabes dónde está la respuesta. La prueba busca cada una y dice si se encuentra el pasaje correcto, ahora y después de cualquier cambio.</translation>
    </message>
    <message>
        <source>Test the library</source>
        <translation>Probar la biblioteca</translation>
    </message>
    <message>
        <source>Questions searched</source>
        <translation>Preguntas buscadas</translation>
    </message>
    <message>
        <source>Remove the question (Delete)</source>
        <translation>Quitar la pregunta (Supr)</translation>
    </message>
    <message>
        <source>Run the test</source>
        <translation>Hacer la prueba</translation>
    </message>
    <message>
        <source>Add a question…</source>
        <translation>Añadir una pregunta…</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>Preguntas</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Pregunta</translation>
    </message>
    <message>
        <source>File that answers it</source>
        <translation>Archivo que la responde</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Encontrado</translation>
    </message>
    <message>
        <source>Words of the passage: {words}</source>
        <translation>Palabras del pasaje: {words}</translation>
    </message>
    <message>
        <source>file is gone</source>
        <translation>falta el archivo</translation>
    </message>
    <message>
        <source>first</source>
        <translation>la primera</translation>
    </message>
    <message>
        <source>as number {n}</source>
        <translation>en el puesto {n}</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>no encontrado</translation>
    </message>
    <message>
        <source>Found instead: {found}</source>
        <translation>En su lugar se encontró: {found}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>program</source>
        <translation>programa</translation>
    </message>
    <message>
        <source>readers</source>
        <translation>lectores</translation>
    </message>
    <message>
        <source>embedder</source>
        <translation>modelo de búsqueda</translation>
    </message>
    <message>
        <source>number of files</source>
        <translation>número de archivos</translation>
    </message>
    <message>
        <source>share that is embedded</source>
        <translation>parte indexada por su sentido</translation>
    </message>
    <message>
        <source>{n} %</source>
        <translation>{n} %</translation>
    </message>
</context>
<context>
    <name>GoldForm</name>
    <message>
        <source>Question</source>
        <translation>Pregunta</translation>
    </message>
    <message>
        <source>What does it cost to end the contract early?</source>
        <translation>¿Cuánto cuesta terminar antes el contrato?</translation>
    </message>
    <message>
        <source>File that answers it</source>
        <translation>Archivo que la responde</translation>
    </message>
    <message>
        <source>Type a part of its name</source>
        <translation>Escribe una parte de su nombre</translation>
    </message>
    <message>
        <source>Words of the passage</source>
        <translation>Palabras del pasaje</translation>
    </message>
    <message>
        <source>may be left out</source>
        <translation>se puede dejar vacío</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Añadir</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Model and device</source>
        <translation>Modelo y dispositivo</translation>
    </message>
    <message>
        <source>Documents in scope</source>
        <translation>Documentos consultados</translation>
    </message>
    <message>
        <source>What can leave this device</source>
        <translation>Qué puede salir de este equipo</translation>
    </message>
    <message>
        <source>No model loaded</source>
        <translation>Ningún modelo cargado</translation>
    </message>
    <message>
        <source>Choose a model to load</source>
        <translation>Elige un modelo para cargarlo</translation>
    </message>
    <message>
        <source>{engine}, {quantization}, reads up to {context} tokens at once</source>
        <translation>{engine}, {quantization}, lee hasta {context} tokens de una vez</translation>
    </message>
    <message>
        <source>Unload {title}</source>
        <translation>Descargar de memoria {title}</translation>
    </message>
    <message>
        <source>Load {title}</source>
        <translation>Cargar {title}</translation>
    </message>
    <message>
        <source>All models…</source>
        <translation>Todos los modelos…</translation>
    </message>
    <message>
        <source>No documents</source>
        <translation>Sin documentos</translation>
    </message>
    <message>
        <source>Questions are answered by the model alone</source>
        <translation>Responde el modelo solo</translation>
    </message>
    <message>
        <source>All documents</source>
        <translation>Todos los documentos</translation>
    </message>
    <message>
        <source>Questions are asked of the whole library</source>
        <translation>Se pregunta a toda la biblioteca</translation>
    </message>
    <message>
        <source>Questions are asked of this collection</source>
        <translation>Se pregunta a esta colección</translation>
    </message>
    <message>
        <source>{size} sent</source>
        <translation>{size} enviados</translation>
    </message>
    <message>
        <source>Your documents and questions stay here. Open the privacy page for the proof.</source>
        <translation>Tus documentos y preguntas se quedan aquí. La prueba está en la página de privacidad.</translation>
    </message>
    <message>
        <source>Downloading a model{share}</source>
        <translation>Descargando un modelo{share}</translation>
    </message>
    <message>
        <source>Nothing can leave</source>
        <translation>Nada puede salir</translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message>
        <source>Collections and models are used where they lie, conversations are copied. Nothing of the other program is changed, and what came before does not come again.</source>
        <translation>Las colecciones y los modelos se usan donde están y las conversaciones se copian. Nada cambia en el otro programa, y lo que ya vino no vuelve a venir.</translation>
    </message>
    <message>
        <source>Import from another assistant</source>
        <translation>Importar de otro asistente</translation>
    </message>
    <message>
        <source>Models that are checked</source>
        <translation>Modelos que se comprueban</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importar</translation>
    </message>
    <message>
        <source>Kept elsewhere?</source>
        <translation>¿Está en otro sitio?</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programa</translation>
    </message>
    <message>
        <source>Choose its folder…</source>
        <translation>Elegir su carpeta…</translation>
    </message>
    <message>
        <source>None was found in its usual place ({programs}).</source>
        <translation>No se encontró ninguno en su sitio habitual ({programs}).</translation>
    </message>
    <message>
        <source>Folder of {program}</source>
        <translation>Carpeta de {program}</translation>
    </message>
</context>
<context>
    <name>LedgerModel</name>
    <message>
        <source>When</source>
        <translation>Cuándo</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Qué</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Servidor</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Enviado</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Recibido</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Resultado</translation>
    </message>
    <message>
        <source>Entry {number}, digest {digest}</source>
        <translation>Entrada {number}, huella {digest}</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Terminada</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Detenida</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Library</source>
        <translation>Biblioteca</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Añadir carpeta…</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>Añadir archivos…</translation>
    </message>
    <message>
        <source>Drop files or folders anywhere on this window. They stay where they are; what is read from them is kept encrypted on this device.</source>
        <translation>Suelta archivos o carpetas en cualquier parte de esta ventana. Se quedan donde están; lo que se lee de ellos se guarda cifrado en este equipo.</translation>
    </message>
    <message>
        <source>No documents yet</source>
        <translation>Aún no hay documentos</translation>
    </message>
    <message>
        <source>Collections</source>
        <translation>Colecciones</translation>
    </message>
    <message>
        <source>New collection…</source>
        <translation>Nueva colección…</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Leer de nuevo</translation>
    </message>
    <message>
        <source>Open in its own program</source>
        <translation>Abrir en su programa</translation>
    </message>
    <message>
        <source>Not there now: {path}. What was read of it is kept.</source>
        <translation>Ahora no está: {path}. Lo que se leyó de ahí se conserva.</translation>
    </message>
    <message>
        <source>Not there now: {n} added folders. What was read of them is kept.</source>
        <translation>Ahora no están: {n} carpetas añadidas. Lo que se leyó de ellas se conserva.</translation>
    </message>
    <message>
        <source>Show in its folder</source>
        <translation>Mostrar en su carpeta</translation>
    </message>
    <message>
        <source>Copy to collection</source>
        <translation>Copiar a una colección</translation>
    </message>
    <message>
        <source>Move to collection</source>
        <translation>Mover a una colección</translation>
    </message>
    <message>
        <source>Tags…</source>
        <translation>Etiquetas…</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>Desbloquear…</translation>
    </message>
    <message>
        <source>Test the library with it…</source>
        <translation>Probar la biblioteca con él…</translation>
    </message>
    <message>
        <source>Take out of the library</source>
        <translation>Quitar de la biblioteca</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 archivo</translation>
    </message>
    <message>
        <source>Import from another assistant…</source>
        <translation>Importar de otro asistente…</translation>
    </message>
    <message>
        <source>More about the library</source>
        <translation>Más sobre la biblioteca</translation>
    </message>
    <message>
        <source>Added folders…</source>
        <translation>Carpetas añadidas…</translation>
    </message>
    <message>
        <source>Test the library…</source>
        <translation>Probar la biblioteca…</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Ver</translation>
    </message>
    <message>
        <source>{n} files</source>
        <translation>{n} archivos</translation>
    </message>
    <message>
        <source>{n} ready</source>
        <translation>{n} listos</translation>
    </message>
    <message>
        <source>{n} set aside</source>
        <translation>{n} apartados</translation>
    </message>
    <message>
        <source>Nothing has been added yet</source>
        <translation>Todavía no se ha añadido nada</translation>
    </message>
    <message>
        <source>Taken out of the library: {n}. The files themselves were not touched.</source>
        <translation>Quitados de la biblioteca: {n}. Los archivos no se han tocado.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Add files to the library</source>
        <translation>Añadir archivos a la biblioteca</translation>
    </message>
    <message>
        <source>Add a folder to the library</source>
        <translation>Añadir una carpeta a la biblioteca</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Fetch</source>
        <translation>Obtener</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Cargar</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>Descargar de memoria</translation>
    </message>
    <message>
        <source>{n} billion parameters</source>
        <translation>{n} mil millones de parámetros</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Respuestas</translation>
    </message>
    <message>
        <source>Finds passages</source>
        <translation>Encuentra pasajes</translation>
    </message>
    <message>
        <source>Too large for this machine: it needs {size} of memory.</source>
        <translation>Demasiado grande para este equipo: necesita {size} de memoria.</translation>
    </message>
    <message>
        <source>Fits this machine</source>
        <translation>Cabe en este equipo</translation>
    </message>
    <message>
        <source>reads 1,000 tokens in {time} here, measured</source>
        <translation>aquí lee 1000 tokens en {time}, medido</translation>
    </message>
    <message>
        <source>reads 1,000 tokens in about {time} here</source>
        <translation>aquí lee 1000 tokens en unos {time}</translation>
    </message>
    <message>
        <source>Go on fetching</source>
        <translation>Seguir obteniendo</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Cargando…</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation>Cargado</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Listo</translation>
    </message>
    <message>
        <source>Partly fetched</source>
        <translation>A medio obtener</translation>
    </message>
    <message>
        <source>Not verified</source>
        <translation>Sin verificar</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>They run on this device. What is fetched is checked against the published file before it is used.</source>
        <translation>Funcionan en este equipo. Lo que se obtiene se comprueba con el archivo publicado antes de usarlo.</translation>
    </message>
    <message>
        <source>Verify files</source>
        <translation>Verificar archivos</translation>
    </message>
    <message>
        <source>Begin with the starter set</source>
        <translation>Empieza con el juego inicial</translation>
    </message>
    <message>
        <source>It fits this machine: a small model that finds your documents, and a model that answers. This is the only time Lumbre needs the network, and only because you ask.</source>
        <translation>Se ajusta a este equipo: un modelo pequeño que encuentra en tus documentos y otro que responde. Es la única vez que Lumbre necesita la red, y solo porque tú lo pides.</translation>
    </message>
    <message>
        <source>Fetch the starter set</source>
        <translation>Obtener el juego inicial</translation>
    </message>
    <message>
        <source>Verifying… {share} %</source>
        <translation>Verificando… {share} %</translation>
    </message>
    <message>
        <source>Not the published file: {names}</source>
        <translation>No es el archivo publicado: {names}</translation>
    </message>
    <message>
        <source>It will not be loaded. Fetch it again.</source>
        <translation>No se cargará. Obtenlo de nuevo.</translation>
    </message>
    <message>
        <source>Every file is the published one: {n} models checked.</source>
        <translation>Todos los archivos son los publicados: {n} modelos comprobados.</translation>
    </message>
</context>
<context>
    <name>Narrowing</name>
    <message>
        <source>Find files by name or folder, or type:pdf, tag:…</source>
        <translation>Busca por nombre o carpeta, o tipo:pdf, etiqueta:…</translation>
    </message>
    <message>
        <source>Find files by name or folder, or by a filter</source>
        <translation>Busca archivos por nombre, por carpeta o con un filtro</translation>
    </message>
    <message>
        <source>What can be typed here</source>
        <translation>Qué se puede escribir aquí</translation>
    </message>
    <message>
        <source>Show only files that were set aside</source>
        <translation>Mostrar solo los archivos apartados</translation>
    </message>
    <message>
        <source>Show only files that hide text or were not read as a whole</source>
        <translation>Mostrar solo los archivos que ocultan texto o no se leyeron enteros</translation>
    </message>
    <message>
        <source>Set aside: {n}</source>
        <translation>Apartados: {n}</translation>
    </message>
    <message>
        <source>Marked: {n}</source>
        <translation>Marcados: {n}</translation>
    </message>
    <message>
        <source>{n} of {total} files</source>
        <translation>{n} de {total} archivos</translation>
    </message>
    <message>
        <source>None of the {total} files fits.</source>
        <translation>Ninguno de los {total} archivos encaja.</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>Dismiss</source>
        <translation>Cerrar</translation>
    </message>
</context>
<context>
    <name>OpeningPage</name>
    <message>
        <source>Try again</source>
        <translation>Intentar de nuevo</translation>
    </message>
    <message>
        <source>The library stays closed</source>
        <translation>La biblioteca sigue cerrada</translation>
    </message>
    <message>
        <source>Opening your library…</source>
        <translation>Abriendo tu biblioteca…</translation>
    </message>
</context>
<context>
    <name>PageView</name>
    <message>
        <source>Page of the document</source>
        <translation>Página del documento</translation>
    </message>
    <message>
        <source>Page {n} of {total}</source>
        <translation>Página {n} de {total}</translation>
    </message>
</context>
<context>
    <name>PassphraseCard</name>
    <message>
        <source>Choose a passphrase</source>
        <translation>Elige una frase de paso</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Frase de paso</translation>
    </message>
    <message>
        <source>The same passphrase again</source>
        <translation>La misma frase otra vez</translation>
    </message>
    <message>
        <source>That passphrase does not open this library. Nothing was changed.</source>
        <translation>Esa frase de paso no abre esta biblioteca. No se ha cambiado nada.</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Ahora no</translation>
    </message>
    <message>
        <source>Create the library</source>
        <translation>Crear la biblioteca</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>This system offers no keyring, so a passphrase protects your library. It is never written down: without it nobody can read what is kept here, not even you.</source>
        <translation>Este sistema no ofrece un llavero, así que una frase de paso protege tu biblioteca. Nunca se escribe en ningún sitio: sin ella nadie puede leer lo que se guarda aquí, ni siquiera tú.</translation>
    </message>
    <message>
        <source>It opens your encrypted library on this device.</source>
        <translation>Abre tu biblioteca cifrada en este equipo.</translation>
    </message>
    <message>
        <source>The two are not the same yet.</source>
        <translation>Las dos aún no coinciden.</translation>
    </message>
</context>
<context>
    <name>PrivacyPage</name>
    <message>
        <source>Privacy</source>
        <translation>Privacidad</translation>
    </message>
    <message>
        <source>The ledger is empty: no permit has ever been given.</source>
        <translation>El registro está vacío: nunca se ha dado un permiso.</translation>
    </message>
    <message>
        <source>of your documents and questions have left this device</source>
        <translation>de tus documentos y preguntas han salido de este equipo</translation>
    </message>
    <message>
        <source>What is encrypted, and where</source>
        <translation>Qué está cifrado y dónde</translation>
    </message>
    <message>
        <source>The key is sealed by your passphrase, which is never written down.</source>
        <translation>La clave está sellada con tu frase de paso, que nunca se escribe en ningún sitio.</translation>
    </message>
    <message>
        <source>The key is random and lies in the keyring of this system.</source>
        <translation>La clave es aleatoria y está en el llavero de este sistema.</translation>
    </message>
    <message>
        <source>Conversations, titles, the text of your documents and their index: one database with AES-256.</source>
        <translation>Conversaciones, títulos, el texto de tus documentos y su índice: una base de datos con AES-256.</translation>
    </message>
    <message>
        <source>Models are public files and lie unencrypted. Your documents stay where they are, untouched.</source>
        <translation>Los modelos son archivos públicos y no se cifran. Tus documentos se quedan donde están, intactos.</translation>
    </message>
    <message>
        <source>The database: {path}</source>
        <translation>La base de datos: {path}</translation>
    </message>
    <message>
        <source>Ledger of the door</source>
        <translation>Registro de la puerta</translation>
    </message>
    <message>
        <source>Every connection ever permitted, each entry sealed to the one before.</source>
        <translation>Cada conexión permitida alguna vez, cada entrada sellada con la anterior.</translation>
    </message>
    <message>
        <source>Verify the ledger</source>
        <translation>Verificar el registro</translation>
    </message>
    <message>
        <source>The door is open for one download that you asked for. Nothing of yours goes out.</source>
        <translation>La puerta está abierta para una descarga que pediste. Nada tuyo sale.</translation>
    </message>
    <message>
        <source>The door is closed. Nothing can leave.</source>
        <translation>La puerta está cerrada. Nada puede salir.</translation>
    </message>
    <message>
        <source>The ledger is whole: {n} entries checked.</source>
        <translation>El registro está íntegro: {n} entradas comprobadas.</translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>Keep Lumbre in the tray when its window is closed?</source>
        <translation>¿Mantener Lumbre en la bandeja al cerrar la ventana?</translation>
    </message>
    <message>
        <source>It stays at hand for quick questions. You can change this in the settings.</source>
        <translation>Queda a mano para preguntas rápidas. Puedes cambiarlo en los ajustes.</translation>
    </message>
    <message>
        <source>Stay in the tray</source>
        <translation>Seguir en la bandeja</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Salir</translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message>
        <source>Files that are found by their words</source>
        <translation>Archivos que se encuentran por sus palabras</translation>
    </message>
    <message>
        <source>Pieces that are embedded</source>
        <translation>Fragmentos que se encuentran por su significado</translation>
    </message>
    <message>
        <source>Found by words: {done} of {total} files</source>
        <translation>Por palabras: {done} de {total} archivos</translation>
    </message>
    <message>
        <source>Found by meaning: {done} of {total} pieces</source>
        <translation>Por significado: {done} de {total} fragmentos</translation>
    </message>
    <message>
        <source>Indexed anew: {done} of {total} pieces; the index before serves</source>
        <translation>Indexados de nuevo: {done} de {total} fragmentos; sirve el índice anterior</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>en pausa</translation>
    </message>
    <message>
        <source>{n} a second</source>
        <translation>{n} por segundo</translation>
    </message>
    <message>
        <source>about {time} left</source>
        <translation>quedan unos {time}</translation>
    </message>
    <message>
        <source>Go on reading</source>
        <translation>Seguir leyendo</translation>
    </message>
    <message>
        <source>Pause reading</source>
        <translation>Pausar la lectura</translation>
    </message>
    <message>
        <source>saving the battery</source>
        <translation>se ahorra batería</translation>
    </message>
    <message>
        <source>slower, other programs are working</source>
        <translation>más despacio, otros programas trabajan</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Lumbre: quick question</source>
        <translation>Lumbre: pregunta rápida</translation>
    </message>
    <message>
        <source>Ask or find in your documents…</source>
        <translation>Pregunta o busca en tus documentos…</translation>
    </message>
    <message>
        <source>Ask or find in your documents</source>
        <translation>Pregunta o busca en tus documentos</translation>
    </message>
    <message>
        <source>Enter answers · Esc hides</source>
        <translation>Intro responde · Esc oculta</translation>
    </message>
    <message>
        <source>Open in Lumbre (Ctrl+Enter)</source>
        <translation>Abrir en Lumbre (Ctrl+Intro)</translation>
    </message>
    <message>
        <source>Nothing found so far. Enter asks the model.</source>
        <translation>De momento no hay nada. Intro pregunta al modelo.</translation>
    </message>
    <message>
        <source>Show {place}</source>
        <translation>Mostrar {place}</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Biblioteca</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privacidad</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
</context>
<context>
    <name>ReasonsCard</name>
    <message>
        <source>Why these passages</source>
        <translation>Por qué estos pasajes</translation>
    </message>
    <message>
        <source>The score adds two things: how near a passage comes to the question in meaning (at most 1), and how many of the question&apos;s rarer words it holds.</source>
        <translation>La puntuación suma dos cosas: lo cerca que está un pasaje de la pregunta por su significado (como mucho 1) y cuántas de las palabras menos comunes de la pregunta contiene.</translation>
    </message>
    <message>
        <source>score {n}</source>
        <translation>puntuación {n}</translation>
    </message>
    <message>
        <source>Number {rank} of those found; its scores are not known.</source>
        <translation>El número {rank} de los encontrados; no se conocen sus puntuaciones.</translation>
    </message>
    <message>
        <source>Number {rank} of those found.</source>
        <translation>El número {rank} de los encontrados.</translation>
    </message>
    <message>
        <source>Its meaning has not been compared yet.</source>
        <translation>Su significado aún no se ha comparado.</translation>
    </message>
    <message>
        <source>Near in meaning: {n}.</source>
        <translation>Cercanía de significado: {n}.</translation>
    </message>
    <message>
        <source>It holds {words}.</source>
        <translation>Contiene {words}.</translation>
    </message>
    <message>
        <source>It holds none of the question&apos;s words.</source>
        <translation>No contiene ninguna de las palabras de la pregunta.</translation>
    </message>
    <message>
        <source>Score by words (BM25): {n}.</source>
        <translation>Puntuación por palabras (BM25): {n}.</translation>
    </message>
</context>
<context>
    <name>ReportBox</name>
    <message>
        <source>From {program} would come:</source>
        <translation>De {program} vendría:</translation>
    </message>
    <message>
        <source>From {program} came:</source>
        <translation>De {program} ha venido:</translation>
    </message>
    <message>
        <source>Conversations: {n}</source>
        <translation>Conversaciones: {n}</translation>
    </message>
    <message>
        <source>, and {n} that came earlier</source>
        <translation>, y {n} que ya vinieron</translation>
    </message>
    <message>
        <source>Could not be read: {paths}</source>
        <translation>No se pudo leer: {paths}</translation>
    </message>
    <message>
        <source>Nothing: it holds no collection, no conversation and no model of ours.</source>
        <translation>Nada: no tiene ninguna colección, conversación ni modelo de los nuestros.</translation>
    </message>
    <message>
        <source>The documents are read now; the library page shows how far it has come.</source>
        <translation>Los documentos se leen ahora; la página de la biblioteca muestra cuánto falta.</translation>
    </message>
    <message>
        <source>Collection “{name}”, read where it lies: {paths}</source>
        <translation>Colección «{name}», leída donde está: {paths}</translation>
    </message>
    <message>
        <source>Not there any more: {paths}</source>
        <translation>Ya no están: {paths}</translation>
    </message>
    <message>
        <source>Model {name}: used where it lies, {path}</source>
        <translation>Modelo {name}: se usa donde está, {path}</translation>
    </message>
    <message>
        <source>Model {name}: used where it lies if its contents are right, {path}</source>
        <translation>Modelo {name}: se usa donde está si su contenido es el debido, {path}</translation>
    </message>
    <message>
        <source>Model {name}: passed over, the contents of {path} are others</source>
        <translation>Modelo {name}: descartado, el contenido de {path} es otro</translation>
    </message>
    <message>
        <source>Model {name}: passed over, {path} cannot be used</source>
        <translation>Modelo {name}: descartado, {path} no se puede usar</translation>
    </message>
</context>
<context>
    <name>ResultCard</name>
    <message>
        <source>found first</source>
        <translation>encontradas en primer lugar</translation>
    </message>
    <message>
        <source>among the first five</source>
        <translation>entre las cinco primeras</translation>
    </message>
    <message>
        <source>Questions: {n}, not found: {missed}.</source>
        <translation>Preguntas: {n}, sin encontrar: {missed}.</translation>
    </message>
    <message>
        <source>The next test is compared with this one.</source>
        <translation>La próxima prueba se comparará con esta.</translation>
    </message>
    <message>
        <source>Worse than on {when}, when it was {first} and {among}.</source>
        <translation>Peor que el {when}, cuando fue {first} y {among}.</translation>
    </message>
    <message>
        <source>Better than on {when}, when it was {first} and {among}.</source>
        <translation>Mejor que el {when}, cuando fue {first} y {among}.</translation>
    </message>
    <message>
        <source>As on {when}: {first} and {among}.</source>
        <translation>Igual que el {when}: {first} y {among}.</translation>
    </message>
    <message>
        <source>Since then these have changed: {names}.</source>
        <translation>Desde entonces ha cambiado: {names}.</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>The download was stopped; what was fetched is kept.</source>
        <translation>La descarga se detuvo; se conserva lo obtenido.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>Changes apply at once.</source>
        <translation>Los cambios se aplican al momento.</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Ventana</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Respuestas</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Idioma</translation>
    </message>
    <message>
        <source>Of this window; answers follow the language of the question.</source>
        <translation>De esta ventana; las respuestas siguen el idioma de la pregunta.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apariencia</translation>
    </message>
    <message>
        <source>Light, dark, or as the system does.</source>
        <translation>Clara, oscura o como el sistema.</translation>
    </message>
    <message>
        <source>Stay in the tray when closed</source>
        <translation>Seguir en la bandeja al cerrar</translation>
    </message>
    <message>
        <source>Closing the window keeps Lumbre at hand; quit from the tray menu.</source>
        <translation>Al cerrar la ventana Lumbre queda a mano; sal desde el menú de la bandeja.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Which model answers.</source>
        <translation>Qué modelo responde.</translation>
    </message>
    <message>
        <source>Passages per question</source>
        <translation>Pasajes por pregunta</translation>
    </message>
    <message>
        <source>More gives the model more to go by, and takes longer.</source>
        <translation>Con más, el modelo tiene más en que apoyarse y tarda más.</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Respuesta más larga</translation>
    </message>
    <message>
        <source>In tokens; a token is about three quarters of a word.</source>
        <translation>En tokens; un token son unos tres cuartos de palabra.</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatura</translation>
    </message>
    <message>
        <source>0 always gives the likeliest answer; higher is freer.</source>
        <translation>0 da siempre la respuesta más probable; más alto, más libre.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semilla</translation>
    </message>
    <message>
        <source>The same seed and question give the same answer.</source>
        <translation>La misma semilla y pregunta dan la misma respuesta.</translation>
    </message>
    <message>
        <source>Free memory after</source>
        <translation>Liberar la memoria tras</translation>
    </message>
    <message>
        <source>Minutes after which an idle model gives its memory back; 0 keeps it.</source>
        <translation>Minutos tras los que un modelo inactivo devuelve su memoria; 0 la conserva.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Clara</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Oscura</translation>
    </message>
    <message>
        <source>The best that runs well here</source>
        <translation>El mejor que va bien aquí</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Biblioteca</translation>
    </message>
    <message>
        <source>Leave out of added folders</source>
        <translation>Excluir de las carpetas añadidas</translation>
    </message>
    <message>
        <source>Patterns as in .gitignore, with commas between; a folder may have a .lumbreignore of its own.</source>
        <translation>Patrones como en .gitignore, separados por comas; una carpeta puede tener su propio .lumbreignore.</translation>
    </message>
    <message>
        <source>Hidden files</source>
        <translation>Archivos ocultos</translation>
    </message>
    <message>
        <source>Take hidden files and folders too.</source>
        <translation>Incluir también archivos y carpetas ocultos.</translation>
    </message>
    <message>
        <source>Largest file</source>
        <translation>Archivo más grande</translation>
    </message>
    <message>
        <source>In megabytes; larger files in added folders are left out.</source>
        <translation>En megabytes; los archivos mayores de las carpetas añadidas se excluyen.</translation>
    </message>
    <message>
        <source>On battery</source>
        <translation>Con batería</translation>
    </message>
    <message>
        <source>How fast new documents are read while on battery.</source>
        <translation>Con qué rapidez se leen los documentos nuevos cuando se usa la batería.</translation>
    </message>
    <message>
        <source>While other programs work</source>
        <translation>Mientras otros programas trabajan</translation>
    </message>
    <message>
        <source>How fast new documents are read while others need the processor.</source>
        <translation>Con qué rapidez se leen los documentos nuevos mientras otros necesitan el procesador.</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>En pausa</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>Más despacio</translation>
    </message>
    <message>
        <source>Full speed</source>
        <translation>A toda velocidad</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
</context>
<context>
    <name>SourcePanel</name>
    <message>
        <source>Copy the citation</source>
        <translation>Copiar la cita</translation>
    </message>
    <message>
        <source>Copy the citation as Markdown</source>
        <translation>Copiar la cita como Markdown</translation>
    </message>
    <message>
        <source>Open in its own program</source>
        <translation>Abrir en su programa</translation>
    </message>
    <message>
        <source>Show in its folder</source>
        <translation>Mostrar en su carpeta</translation>
    </message>
    <message>
        <source>Find in this document (Ctrl+F)</source>
        <translation>Buscar en este documento (Ctrl+F)</translation>
    </message>
    <message>
        <source>Use the whole width (F9)</source>
        <translation>Usar todo el ancho (F9)</translation>
    </message>
    <message>
        <source>More for this source</source>
        <translation>Más sobre esta fuente</translation>
    </message>
    <message>
        <source>Close the source</source>
        <translation>Cerrar la fuente</translation>
    </message>
    <message>
        <source>Mark before</source>
        <translation>Marca anterior</translation>
    </message>
    <message>
        <source>Next mark</source>
        <translation>Marca siguiente</translation>
    </message>
    <message>
        <source>Page before</source>
        <translation>Página anterior</translation>
    </message>
    <message>
        <source>Page after</source>
        <translation>Página siguiente</translation>
    </message>
    <message>
        <source>Smaller (Ctrl+-)</source>
        <translation>Más pequeño (Ctrl+-)</translation>
    </message>
    <message>
        <source>Fit the width (Ctrl+0)</source>
        <translation>Ajustar al ancho (Ctrl+0)</translation>
    </message>
    <message>
        <source>Larger (Ctrl++)</source>
        <translation>Más grande (Ctrl++)</translation>
    </message>
    <message>
        <source>Opening the source…</source>
        <translation>Abriendo la fuente…</translation>
    </message>
    <message>
        <source>The file is no longer where it was. This is its text as kept in the library.</source>
        <translation>El archivo ya no está donde estaba. Este es su texto, conservado en la biblioteca.</translation>
    </message>
    <message>
        <source>The file is no longer in the library. This is the passage that the answer was given.</source>
        <translation>El archivo ya no está en la biblioteca. Este es el pasaje con el que se respondió.</translation>
    </message>
    <message>
        <source>This file holds text that one does not see when it is opened: {text}</source>
        <translation>Este archivo contiene texto que no se ve al abrirlo: {text}</translation>
    </message>
    <message>
        <source>Usual size (Ctrl+0)</source>
        <translation>Tamaño normal (Ctrl+0)</translation>
    </message>
    <message>
        <source>Slide {n} of {total}</source>
        <translation>Diapositiva {n} de {total}</translation>
    </message>
    <message>
        <source>Page {n} of {total}</source>
        <translation>Página {n} de {total}</translation>
    </message>
    <message>
        <source>Mark {n} of {total}</source>
        <translation>Marca {n} de {total}</translation>
    </message>
    <message>
        <source>Copy what is selected</source>
        <translation>Copiar lo seleccionado</translation>
    </message>
    <message>
        <source>The citation was copied.</source>
        <translation>Se ha copiado la cita.</translation>
    </message>
</context>
<context>
    <name>TableView</name>
    <message>
        <source>Sheets</source>
        <translation>Hojas</translation>
    </message>
    <message>
        <source>Table of the document</source>
        <translation>Tabla del documento</translation>
    </message>
</context>
<context>
    <name>TagLine</name>
    <message>
        <source>Tags</source>
        <translation>Etiquetas</translation>
    </message>
    <message>
        <source>Add a tag</source>
        <translation>Añadir etiqueta</translation>
    </message>
    <message>
        <source>Take the tag “{tag}” away</source>
        <translation>Quitar la etiqueta «{tag}»</translation>
    </message>
</context>
<context>
    <name>TextView</name>
    <message>
        <source>Text of the document</source>
        <translation>Texto del documento</translation>
    </message>
    <message>
        <source>Slide {n}</source>
        <translation>Diapositiva {n}</translation>
    </message>
    <message>
        <source>Page {n}</source>
        <translation>Página {n}</translation>
    </message>
    <message>
        <source>Speaker&apos;s notes</source>
        <translation>Notas del orador</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Show earlier messages</source>
        <translation>Mostrar mensajes anteriores</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Open Lumbre</source>
        <translation>Abrir Lumbre</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Pregunta rápida</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Salir</translation>
    </message>
    <message>
        <source>Go on reading documents</source>
        <translation>Seguir leyendo documentos</translation>
    </message>
    <message>
        <source>Pause reading documents</source>
        <translation>Pausar la lectura de documentos</translation>
    </message>
</context>
<context>
    <name>UnlockLine</name>
    <message>
        <source>Password of the document</source>
        <translation>Contraseña del documento</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Desbloquear</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>It is kept encrypted on this device, so that it is asked once.</source>
        <translation>Se guarda cifrada en este equipo, así que se pide una sola vez.</translation>
    </message>
</context>
<context>
    <name>Veil</name>
    <message>
        <source>Drop to add to your library</source>
        <translation>Suelta para añadir a tu biblioteca</translation>
    </message>
    <message>
        <source>Drop to add to “{name}”</source>
        <translation>Suelta para añadir a «{name}»</translation>
    </message>
    <message>
        <source>Files stay where they are; nothing is copied and nothing is sent.</source>
        <translation>Los archivos se quedan donde están; nada se copia y nada se envía.</translation>
    </message>
</context>
<context>
    <name>handing_over</name>
    <message>
        <source>This system has no program to open “{name}” with.</source>
        <translation>Este sistema no tiene ningún programa con el que abrir «{name}».</translation>
    </message>
    <message>
        <source>“{name}” is no longer there.</source>
        <translation>«{name}» ya no está ahí.</translation>
    </message>
    <message>
        <source>Its text is kept in the library and shown here.</source>
        <translation>Su texto se conserva en la biblioteca y se muestra aquí.</translation>
    </message>
</context>
<context>
    <name>texts</name>
    <message>
        <source>{n} s</source>
        <translation>{n} s</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} min</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} h</translation>
    </message>
    <message>
        <source>Searching your documents…</source>
        <translation>Buscando en tus documentos…</translation>
    </message>
    <message>
        <source>Loading the model…</source>
        <translation>Cargando el modelo…</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Leyendo…</translation>
    </message>
    <message>
        <source>Writing…</source>
        <translation>Escribiendo…</translation>
    </message>
    <message>
        <source>Checking the sources…</source>
        <translation>Comprobando las fuentes…</translation>
    </message>
    <message>
        <source>Working…</source>
        <translation>Trabajando…</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>En espera</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>Leyendo</translation>
    </message>
    <message>
        <source>Found by words</source>
        <translation>Por palabras</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Listo</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>Apartado</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Documento</translation>
    </message>
    <message>
        <source>Slides</source>
        <translation>Presentación</translation>
    </message>
    <message>
        <source>Spreadsheet</source>
        <translation>Hoja de cálculo</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabla</translation>
    </message>
    <message>
        <source>Mail</source>
        <translation>Correo</translation>
    </message>
    <message>
        <source>Mailbox</source>
        <translation>Buzón</translation>
    </message>
    <message>
        <source>Web page</source>
        <translation>Página web</translation>
    </message>
    <message>
        <source>Book</source>
        <translation>Libro</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Comprimido</translation>
    </message>
    <message>
        <source>Subtitles</source>
        <translation>Subtítulos</translation>
    </message>
    <message>
        <source>Notebook</source>
        <translation>Cuaderno</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texto</translation>
    </message>
    <message>
        <source>{n} p.</source>
        <translation>{n} p.</translation>
    </message>
    <message>
        <source>In the colour of the paper or without ink</source>
        <translation>Del color del papel o sin tinta</translation>
    </message>
    <message>
        <source>Too small to be read</source>
        <translation>Demasiado pequeño para leerse</translation>
    </message>
    <message>
        <source>Outside the page</source>
        <translation>Fuera de la página</translation>
    </message>
    <message>
        <source>In characters without width</source>
        <translation>En caracteres sin anchura</translation>
    </message>
    <message>
        <source>In a comment of the source</source>
        <translation>En un comentario del código</translation>
    </message>
    <message>
        <source>On a hidden sheet</source>
        <translation>En una hoja oculta</translation>
    </message>
    <message>
        <source>On a hidden slide</source>
        <translation>En una diapositiva oculta</translation>
    </message>
    <message>
        <source>In the speaker&apos;s notes</source>
        <translation>En las notas del orador</translation>
    </message>
    <message>
        <source>{name} · slide {page}</source>
        <translation>{name} · diap. {page}</translation>
    </message>
    <message>
        <source>{name} · p. {page}</source>
        <translation>{name} · pág. {page}</translation>
    </message>
    <message>
        <source>{n} tokens/s</source>
        <translation>{n} tokens/s</translation>
    </message>
    <message>
        <source>first token after {n} s</source>
        <translation>primer token a los {n} s</translation>
    </message>
    <message>
        <source>1 source</source>
        <translation>1 fuente</translation>
    </message>
    <message>
        <source>{n} sources</source>
        <translation>{n} fuentes</translation>
    </message>
    <message>
        <source>Something went wrong inside Lumbre ({kind}).</source>
        <translation>Algo falló dentro de Lumbre ({kind}).</translation>
    </message>
    <message>
        <source>Nothing was lost. Try again; if it happens again, please report it.</source>
        <translation>No se ha perdido nada. Inténtalo de nuevo; si se repite, comunícalo.</translation>
    </message>
    <message>
        <source>If it is a PDF, choose “Unlock…” and type its password; else add a copy without one.</source>
        <translation>Si es un PDF, elige «Desbloquear…» y escribe su contraseña; si no, añade una copia sin ella.</translation>
    </message>
    <message>
        <source>If it keeps its data elsewhere, choose that folder.</source>
        <translation>Si guarda sus datos en otro sitio, elige esa carpeta.</translation>
    </message>
    <message>
        <source>The library page shows the collections.</source>
        <translation>La página de la biblioteca muestra las colecciones.</translation>
    </message>
    <message>
        <source>Choose another name, or move the files there.</source>
        <translation>Elige otro nombre, o mueve allí los archivos.</translation>
    </message>
    <message>
        <source>The library page shows what is in it.</source>
        <translation>La página de la biblioteca muestra lo que hay en ella.</translation>
    </message>
    <message>
        <source>Add a question first, and the file that answers it.</source>
        <translation>Añade antes una pregunta y el archivo que la responde.</translation>
    </message>
    <message>
        <source>Add the folders with your documents yourself.</source>
        <translation>Añade tú las carpetas con tus documentos.</translation>
    </message>
</context>
</TS>

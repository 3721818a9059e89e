// The exchange formats: what an editor's own library writes is read, and what we write it reads without a warning.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BpmnModdle } from 'bpmn-moddle'
import { GoldpathError, Playbook, Sop } from '../index.mjs'

const text = `
format: goldpath/1
name: 企业软件跟进
version: 3
steps:
  open: {title: 开场 "一", stage: 初次接触, guidance: 说明来意}
  need: {title: <b>需求</b>, cost: {skipped: 3}, standards: [{questions: {at_least: 3}}]}
  budget: {}
  question: {by: customer}
  security: {}
  close: {}
  thanks: {}
flow: [open, {any_order: [need, budget]}, {repeat: [question], at_most: 3}, {when: {segment: enterprise}, then: [security]}, {one_of: [close, [open, close]]}]
anytime: [thanks]
`
const sop = Sop.parse(text)

test('a diagram made with bpmn-moddle is read', async () => {
  const moddle = new BpmnModdle()
  const nodes = {
    start: moddle.create('bpmn:StartEvent', { id: 'StartEvent_1' }),
    open: moddle.create('bpmn:UserTask', { id: 'open', name: '开场', documentation: [moddle.create('bpmn:Documentation', { text: '说明来意' })] }),
    split: moddle.create('bpmn:ParallelGateway', { id: 'Gateway_1' }),
    need: moddle.create('bpmn:ServiceTask', { id: 'need', name: 'Need' }),
    budget: moddle.create('bpmn:CallActivity', { id: 'budget' }),
    join: moddle.create('bpmn:ParallelGateway', { id: 'Gateway_2' }),
    choice: moddle.create('bpmn:ExclusiveGateway', { id: 'Gateway_3' }),
    close: moddle.create('bpmn:SendTask', { id: 'close' }),
    won: moddle.create('bpmn:EndEvent', { id: 'won' }),
    lost: moddle.create('bpmn:EndEvent', { id: 'lost', eventDefinitions: [moddle.create('bpmn:MessageEventDefinition')] }),
  }
  const pairs = ['start open', 'open split', 'split need', 'split budget', 'need join', 'budget join', 'join choice', 'choice close', 'close won', 'choice lost']
  const flows = pairs.map((pair, i) => {
    const [sourceRef, targetRef] = pair.split(' ').map((name) => nodes[name])
    const flow = moddle.create('bpmn:SequenceFlow', { id: `Flow_${i}`, sourceRef, targetRef })
    sourceRef.get('outgoing').push(flow)
    targetRef.get('incoming').push(flow)
    return flow
  })
  const lane = moddle.create('bpmn:Lane', { id: 'Lane_1', name: '初次接触', flowNodeRef: [nodes.open] })
  const process = moddle.create('bpmn:Process', { id: 'Process_1', name: 'demo', laneSets: [moddle.create('bpmn:LaneSet', { lanes: [lane] })], flowElements: [...Object.values(nodes), ...flows] })
  const definitions = moddle.create('bpmn:Definitions', { targetNamespace: 'http://bpmn.io/schema/bpmn', rootElements: [process] })
  const { xml } = await moddle.toXML(definitions, { format: true })
  const read = Sop.fromBpmn(xml)
  const expected = Sop.parse(`
format: goldpath/1
name: demo
steps: {open: {title: 开场, stage: 初次接触, guidance: 说明来意}, need: {title: Need}, budget: {}, close: {}}
flow: [open, {any_order: [need, budget]}, {optional: [close]}]
`)
  assert.ok(read.equals(expected), read.toYaml())
})

test('our BPMN is read by bpmn-moddle without a warning, and comes back through it', async () => {
  const moddle = new BpmnModdle()
  for (const one of [sop, Sop.parse('{format: goldpath/1, name: g, steps: [a, b, c], graph: {start: a, end: c, edges: [[a, b], [b, a], [b, c], [c, c]]}}')]) {
    assert.ok(Sop.fromBpmn(one.toBpmn()).equals(one))
    const { rootElement, warnings } = await moddle.fromXML(one.toBpmn())
    assert.deepEqual(warnings, [])
    const [process] = rootElement.rootElements
    const tasks = process.flowElements.filter((element) => element.$instanceOf('bpmn:Task'))
    assert.equal(tasks.length, one === sop ? 8 : 3)
    // Every element that an editor draws has its shape or line.
    const drawn = new Set(rootElement.diagrams[0].plane.planeElement.map((shape) => shape.bpmnElement))
    assert.ok(process.flowElements.every((element) => drawn.has(element)))
    const { xml } = await moddle.toXML(rootElement)
    assert.ok(Sop.fromBpmn(xml).equals(one), Sop.fromBpmn(xml).toYaml())
  }
})

test('a task put in with bpmn-moddle is in the SOP', async () => {
  const moddle = new BpmnModdle()
  const { rootElement } = await moddle.fromXML(sop.toBpmn())
  const [process] = rootElement.rootElements
  const first = process.flowElements.find((element) => element.$type === 'bpmn:SequenceFlow')
  const added = moddle.create('bpmn:Task', { id: 'Activity_1', name: '准备' })
  const behind = moddle.create('bpmn:SequenceFlow', { id: 'Flow_new', sourceRef: added, targetRef: first.targetRef })
  first.targetRef = added
  process.flowElements.push(added, behind)
  const { xml } = await moddle.toXML(rootElement)
  const edited = Sop.fromBpmn(xml)
  const expected = text.replace('flow: [open', 'flow: [Activity_1, open').replace('thanks: {}', 'thanks: {}\n  Activity_1: {title: 准备}')
  assert.ok(edited.equals(Sop.parse(expected)), edited.toYaml())
})

test('the other formats', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'goldpath-'))
  writeFileSync(join(folder, 'sop.bpmn'), sop.toBpmn())
  assert.ok((await Sop.read(join(folder, 'sop.bpmn'))).equals(sop))
  assert.match(sop.toDot(), /label="开场 \\"一\\""/)
  assert.match(sop.toPnml(), /<text>security<\/text>/)
  assert.doesNotMatch(sop.toPnml({}), /<text>security<\/text>/)
  assert.match(sop.toPnml({ segment: 'enterprise' }), /<finalmarkings>/)
  assert.match(sop.toSvg('zh'), /^<svg/)
  assert.match(Playbook.by('segment', { smb: sop, enterprise: sop }).toSvg(), /segment = smb/)
  assert.throws(() => sop.toSvg('fr'), (error) => error instanceof GoldpathError && error.code === 'argument.invalid')
  assert.throws(
    () => Sop.fromBpmn('<definitions>\n<process id="p"><startEvent id="s"/>\n<subProcess id="x"/></process></definitions>'),
    (error) => error.faults.some((fault) => fault.code === 'sop.unsupported' && fault.line === 3 && fault.place === 'x'),
  )
})
